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
