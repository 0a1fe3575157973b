"""How names and numbers are compared: one spelling for all that means the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from analysis.sources.distinct import by_value

_TRADITIONAL = (
    "廠厂厰厂貿贸東东廣广電电業业實实國国華华興兴龍龙寶宝飾饰飛飞製制產产發发機机紙纸針针織织繡绣襪袜線线網网絲丝綢绸緞缎"
    "燈灯鐵铁銅铜鋁铝鋼钢銀银鎖锁鍋锅鏡镜鐘钟錶表鋒锋鑽钻錦锦鎮镇區区縣县號号樓楼門门間间關关開开豐丰億亿萬万達达運运連连"
    "進进遠远選选還还這这邊边過过陽阳陳陈陸陆際际雲云雙双難难靜静順顺頁页項项領领頭头題题顏颜類类風风飯饭飲饮館馆馬马"
    "駿骏驗验體体髮发魚鱼鳥鸟鳳凤鴻鸿麗丽麥麦黃黄點点齊齐齒齿團团圓圆圖图園园場场塊块報报壓压夢梦夾夹奧奥媽妈學学寧宁"
    "寫写對对導导將将專专尋寻層层島岛嶺岭幣币師师帶带幫帮慶庆應应懷怀戶户掛挂採采揚扬換换擴扩擺摆據据數数條条楊杨榮荣標标"
    "樂乐樹树橋桥樣样檔档檢检櫃柜歐欧歡欢殼壳氣气漢汉準准溫温滿满漁渔濟济灣湾濕湿無无煙烟營营爐炉獎奖環环瑪玛畫画當当療疗"
    "盤盘監监盧卢礦矿禮礼種种稱称穩稳窯窑節节範范築筑簡简籃篮籠笼粵粤糧粮紅红紡纺級级細细終终組组結结絡络給给統统綠绿維维"
    "緊紧緣缘編编縫缝總总績绩繩绳羅罗義义烏乌習习聖圣聯联聲声職职腦脑膠胶臺台與与舉举舊旧藍蓝藝艺藥药蘇苏蘭兰處处術术衛卫"
    "衝冲裝装裡里複复襯衬見见規规視视覽览觀观計计訂订記记設设許许診诊評评試试詢询話话語语課课調调談谈請请諾诺證证識识議议"
    "讓让貝贝負负財财貨货責责貴贵買买費费資资賓宾賞赏賣卖質质購购贈赠贏赢趙赵車车軌轨軟软較较載载輕轻輝辉輪轮輸输轉转農农"
    "郵邮鄉乡鄭郑醫医釣钓鉤钩鉛铅鍊链鏈链閃闪閱阅闊阔隊队隨随隱隐雜杂離离雞鸡霧雾韓韩預预額额願愿餘余騎骑驅驱鬆松鹽盐"
    "傢家備备債债傳传價价儀仪優优儲储兒儿兩两冊册凍冻則则剛刚創创劃划劉刘劍剑動动務务勝胜勞劳勵励勳勋協协單单員员問问啟启"
    "喬乔嚴严噴喷聰聪偉伟傑杰倫伦來来們们個个倉仓側侧潔洁澤泽濱滨潤润燒烧熱热愛爱爾尔牆墙狀状獨独現现"
    "丟丢並并乾干亂乱亞亚佈布佔占併并侖仑侶侣侷局係系俠侠倆俩倖幸偵侦偽伪傘伞傭佣傷伤傾倾僅仅僑侨僕仆僥侥僱雇儈侩儉俭儘尽償偿兇凶兌兑內内冪幂凜凛凱凯別别刪删剋克剎刹剝剥剷铲劇剧劊刽劑剂勁劲勛勋勢势勸劝勻匀匯汇卹恤卻却厭厌厲厉參参叢丛吳吴吶呐呂吕啞哑喚唤喪丧喫吃"
    "喲哟嗆呛嗎吗嗚呜嘆叹嘔呕嘗尝嘩哗嘯啸噓嘘噸吨噹当嚇吓嚐尝嚥咽嚨咙嚮向囂嚣囌苏囑嘱囪囱圍围執执堅坚堯尧塗涂塢坞塵尘塹堑墊垫墜坠墮堕墳坟墾垦壇坛壘垒壞坏壟垄壩坝壯壮壺壶壽寿夠够夥伙奪夺奮奋妝妆姦奸娛娱婁娄婦妇嬌娇嬰婴嬸婶孃娘孫孙孿孪宮宫寢寝審审寬宽寵宠屆届屍尸"
    "屜屉屢屡屬属岡冈峽峡崑昆崗岗崙仑嶄崭嶼屿嶽岳巒峦巖岩帥帅帳帐幀帧幟帜幹干幾几庫库廁厕廂厢廄厩廈厦廚厨廟庙廢废廬庐廳厅弔吊張张強强彆别彈弹彌弥彎弯彙汇彥彦彫雕彿佛後后徑径從从復复徵征徹彻恆恒恥耻悅悦悶闷悽凄惡恶惱恼慄栗態态慘惨慚惭慣惯慫怂慮虑慼戚慾欲憂忧憊惫"
    "憐怜憑凭憚惮憤愤憫悯憲宪憶忆懇恳懲惩懶懒懸悬懼惧懾慑戀恋戰战戲戏拋抛拚拼挾挟捨舍捱挨捲卷掃扫掄抡掙挣揀拣揮挥損损搖摇搗捣搶抢摟搂摯挚摺折摻掺撈捞撐撑撓挠撥拨撫抚撲扑撻挞撾挝撿捡擁拥擄掳擇择擊击擋挡擔担擠挤擬拟擰拧擱搁擲掷擻擞擾扰攆撵攏拢攔拦攙搀攜携攝摄攣挛"
    "攤摊攪搅攬揽敗败敘叙敵敌斂敛斃毙斬斩斷断於于昇升時时晉晋晝昼暈晕暢畅暫暂曆历曉晓曠旷曬晒書书會会朮术枴拐柵栅桿杆棄弃棗枣棟栋棧栈棲栖楓枫極极榦干構构槍枪槓杠槳桨樁桩樑梁樞枢樸朴橢椭橫横檯台檸柠檻槛櫥橱櫻樱欄栏權权欽钦歎叹歲岁歷历歸归殘残殲歼殺杀毀毁毆殴氈毡"
    "氫氢氾泛汎泛汙污決决沒没沖冲況况洩泄洶汹涼凉淒凄淚泪淨净淪沦淵渊淺浅渙涣減减渦涡測测渾浑湊凑湧涌湯汤溝沟溼湿滄沧滅灭滌涤滬沪滯滞滲渗滷卤滾滚漣涟漬渍漲涨漸渐漿浆潑泼潛潜潰溃澀涩澆浇澗涧澱淀濁浊濃浓濘泞濛蒙濤涛濫滥濰潍濺溅濾滤瀉泻瀋沈瀕濒瀝沥瀰弥瀾澜灑洒灘滩"
    "灤滦災灾為为煉炼煥焕煩烦熒荧熾炽燙烫燦灿燬毁燭烛燴烩燻熏燼烬爍烁爛烂爭争爺爷牴抵牽牵犢犊犧牺狹狭狽狈猙狰猶犹獄狱獅狮獰狞獲获獵猎獸兽獺獭獻献琺珐瑣琐瑤瑶瑩莹瓊琼甕瓮畝亩畢毕異异疇畴疊叠痙痉痠酸瘋疯瘍疡瘓痪瘡疮瘧疟癒愈癟瘪癡痴癢痒癥症癬癣癱瘫皚皑皺皱盃杯盜盗"
    "盞盏盡尽盪荡眾众睏困睜睁瞞瞒矇蒙矚瞩矯矫硃朱硯砚碩硕確确碼码磚砖礎础礙碍礫砾礬矾祕秘祿禄禍祸禦御禱祷禿秃稅税稈秆稜棱穀谷積积穎颖穢秽穫获窩窝窪洼窮穷窺窥竄窜竅窍竊窃競竞筆笔筍笋箇个箋笺篩筛簍篓簑蓑簽签簾帘籌筹籤签籬篱籮箩籲吁糞粪糰团糾纠紀纪約约紉纫紋纹納纳"
    "紐纽純纯紗纱紛纷紮扎紳绅紹绍絃弦絆绊絕绝絛绦絞绞絢绚絨绒絹绢綁绑綏绥綑捆經经綜综綱纲綴缀綵彩綸纶綻绽綽绰綿绵緒绪緘缄緝缉締缔緩缓緬缅緯纬練练緻致縛缚縮缩縱纵縴纤縷缕繃绷繕缮繞绕繪绘繫系繭茧繳缴繹绎繼继續续纏缠纓缨纔才纖纤纜缆缽钵罈坛罰罚罵骂罷罢羨羡翹翘聞闻"
    "聳耸聶聂聽听聾聋肅肃脅胁脈脉脣唇脩修脫脱脹胀腎肾腫肿腳脚腸肠膚肤膩腻膽胆膿脓臉脸臍脐臘腊臟脏臥卧臨临艙舱艦舰艱艰艷艳茲兹荊荆莊庄莖茎莢荚菸烟萊莱葉叶葦苇葷荤蒐搜蒼苍蓆席蓋盖蓮莲蔔卜蔣蒋蔥葱蔭荫蕩荡蕪芜蕭萧薊蓟薑姜薔蔷薦荐薩萨薹苔藹蔼蘆芦蘊蕴蘋苹蘿萝虛虚虜虏"
    "虧亏蛻蜕蝕蚀蝦虾蝨虱蝸蜗螞蚂螢萤蟬蝉蟲虫蟻蚁蠅蝇蠍蝎蠟蜡蠱蛊蠶蚕蠻蛮補补褲裤襖袄襬摆襲袭覓觅親亲覺觉觸触訃讣訊讯討讨訓训訖讫託托訛讹訝讶訟讼訣诀訪访訴诉註注証证詐诈詛诅詞词詠咏詣诣詩诗詫诧詭诡該该詳详誅诛誇夸誌志認认誕诞誘诱誠诚誡诫誣诬誤误誦诵誨诲說说誰谁"
    "誹诽誼谊諄谆諒谅論论諜谍諧谐諮咨諱讳諷讽諸诸諺谚謀谋謂谓謄誊謊谎謎谜謗谤謙谦講讲謝谢謠谣謬谬謹谨譁哗譏讥譚谭譜谱譟噪譯译譴谴護护譽誉讀读變变讒谗讚赞谿溪豈岂豎竖豔艳豬猪貍狸貓猫貞贞貢贡貧贫販贩貪贪貫贯貯贮貳贰貶贬貸贷貼贴賀贺賂赂賃赁賄贿賈贾賊贼賒赊賜赐賠赔"
    "賢贤賤贱賦赋賬账賭赌賴赖賺赚賽赛贅赘贊赞贍赡贓赃贖赎贛赣趕赶趨趋跡迹踐践踴踊蹟迹蹤踪躊踌躍跃軀躯軋轧軍军軒轩軸轴輓挽輔辅輛辆輥辊輩辈輯辑輻辐輾辗輿舆轄辖轅辕轍辙轎轿轟轰辦办辭辞辮辫辯辩迴回逕径週周遊游違违遙遥遜逊遞递適适遲迟遷迁遺遗遼辽邁迈邏逻鄒邹鄧邓鄰邻"
    "醜丑醞酝醣糖醬酱釀酿釁衅釋释釐厘釘钉釦扣釩钒鈉钠鈍钝鈔钞鈕钮鈞钧鈣钙鈴铃鈾铀鉀钾鉅巨鉑铂鉗钳鉚铆鉸铰鉻铬銑铣銘铭銜衔銳锐銷销銻锑鋅锌鋇钡鋤锄鋪铺鋸锯錄录錐锥錘锤錠锭錢钱錨锚錫锡錯错錳锰鍍镀鍛锻鍬锹鍵键鍾钟鎂镁鎊镑鎚锤鎢钨鎬镐鎳镍鏟铲鏽锈鐮镰鐳镭鑄铸鑑鉴鑒鉴"
    "鑰钥鑲镶鑷镊鑼锣鑿凿長长閉闭閏闰閑闲閒闲閘闸閡阂閣阁閤合閥阀閨闺閩闽閻阎闆板闌阑闖闯闡阐闢辟陝陕陞升陣阵陰阴階阶隕陨險险隴陇隸隶隻只雖虽雛雏霑沾靈灵鞏巩鞦秋韆千韋韦韌韧韻韵響响頂顶頃顷須须頌颂頑顽頒颁頓顿頗颇頤颐頰颊頸颈頹颓頻频顆颗顛颠顧顾顫颤顯显顱颅颱台"
    "颳刮飄飘飢饥飼饲飽饱餃饺餅饼養养餌饵餒馁餓饿餞饯餡馅餵喂餾馏饅馒饑饥饒饶饞馋馭驭馮冯馱驮馳驰馴驯駁驳駐驻駒驹駕驾駛驶駝驼駭骇駱骆騁骋騙骗騰腾騷骚騾骡驕骄驚惊驟骤驢驴骯肮髒脏鬍胡鬚须鬥斗鬧闹鬨哄鬱郁魯鲁鮑鲍鮮鲜鯉鲤鯨鲸鰓鳃鱉鳖鱗鳞鳴鸣鴉鸦鴕鸵鴛鸳鴦鸯鴨鸭鴿鸽"
    "鵑鹃鵝鹅鵬鹏鵲鹊鶴鹤鷗鸥鷹鹰鹵卤鹹咸鹼碱麴曲麵面麼么黨党黴霉鼕冬齋斋齡龄齣出齧啮齲龋龐庞龔龚龜龟揹背濬浚燄焰瑯琅籐藤薰熏觔斤鎗枪隄堤"
)
_BRACKETS = ("[{【〔〖「『《〈<", "]}】〕〗」』》〉>")
_QUOTED = re.compile(
    r"""(?:「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|《([^《》]+)》|〈([^〈〉]+)〉|"([^"]+)"|‘([^‘’]+)’)"""
)
"""A name that stands in quotation marks as a whole."""
_DASHES = "‐‑‒–—―−﹣"
_DOTS = "・•‧∙"
_SAME = {
    **{ord(old): new for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2]) if old != new},
    **dict.fromkeys(map(ord, _BRACKETS[0]), "("),
    **dict.fromkeys(map(ord, _BRACKETS[1]), ")"),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _DOTS), "·"),
    **dict.fromkeys(map(ord, "’‘`´"), "'"),
    **dict.fromkeys(map(ord, "“”"), '"'),
}
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANKS = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
_FORMS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|公司|个体工商户|个体户|普通合伙|有限合伙|\b(?:co|ltd|limited|inc|llc|gmbh|corp)\b"
)


def fold(text: object) -> str:
    """The spelling under which two names are the same: width, brackets, dashes, case, common traditional characters and
    quotation marks around the whole are folded, and blanks left out, but for those between two digits.

    >>> fold("義烏市（晨星） 日用品廠") == fold("义乌市(晨星)日用品厂"), fold("Cup 350 ML"), fold("M3 10")
    (True, 'cup350ml', 'm3 10')
    >>> fold("「义乌晨星厰」") == fold("义乌晨星厂"), fold("义乌「晨星」厂") == fold("义乌(晨星)厂")
    (True, True)
    """
    before, out = "", str(text)
    if out.isascii() and out.isalnum():  # as most numbers and codes are
        return out.casefold()
    while out != before:  # a letter that loses its neighbour may combine with the next one
        before = out
        out = next(filter(None, found.groups())) if (found := _QUOTED.fullmatch(out.strip())) else out
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", out)).casefold())
        out = _BLANKS.sub("", plain.translate(_SAME).strip())
    return out


def simplified(text: str) -> str:
    """`text` in simplified characters and plain marks, else as it stands.

    >>> simplified("滿500元包郵（廣東）")
    '满500元包邮(广东)'
    """
    return unicodedata.normalize("NFKC", text).translate(_SAME)


def normal_header(text: object) -> str:
    """A header or word as it is compared: folded as names are, without blanks, underscores, stars, colons and full stops.

    >>> normal_header(" 运费（元） ") == normal_header("运费(元)")
    True
    >>> normal_header("Order ID") == normal_header("order_id")
    True
    """
    return _short_header(text) if isinstance(text, str) and len(text) <= _SHORT else _bare(fold(text))


_FULL_STOP = re.compile(r"(?<!\d)\.|\.(?!\d)")
"""No. and no, P.O. and PO are one; a number keeps its point."""
_SHORT = 60
"""Characters of a header that is kept: each is compared with those of every table."""


@lru_cache(maxsize=10_000)
def _short_header(text: str) -> str:
    return _bare(fold(text))


def _bare(text: str) -> str:
    bare = "".join(ch for ch in text if not ch.isspace() and ch not in "_*:")
    return _FULL_STOP.sub("", bare) if "." in bare else bare


def words_in(text: object, words: Iterable[str]) -> set[str]:
    """Those of `words` that stand in `text`, folded as names are; a missing text holds none, and a word of nothing stands nowhere.

    >>> sorted(words_in("Electric Kettle", ["electric", "toy", " "])), words_in(None, ["toy"])
    (['electric'], set())
    """
    if not isinstance(text, str):
        return set()
    name = fold(text)
    return {word for word in words if fold(word) and fold(word) in name}


def skeleton(text: object) -> str:
    """What is left of a name without punctuation and the words of its legal form; names alike in it are near.

    >>> skeleton("义乌市晨星日用品有限公司") == skeleton("义乌市（晨星）日用品"), skeleton("A-100") == skeleton("a100")
    (True, True)
    """
    folded = re.sub(r"[^\w\s]|_", " ", fold(text))
    bare = re.sub(r"\s", "", _FORMS.sub("", folded)) or re.sub(r"\s", "", folded)
    return bare.lstrip("0") or bare


def folded(texts: pd.Series) -> pd.Series:
    """`fold` of every text, each different one worked out once."""
    return pd.Series(by_value(texts, fold), index=texts.index, dtype=object)
