"""What is kept of an executed notebook does not depend on how busy the machine was."""

import nbformat

from analysis.review.execution import portable


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def test_what_a_cell_printed_is_one_piece_however_it_arrived():
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=1)
    cell = nbformat.v4.new_code_cell(
        "print", outputs=[stream("a\n"), stream("b\n"), result, stream("c"), stream("d", "stderr")]
    )
    kept = portable(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert [output.get("text", "") for output in kept] == ["a\nb\n", "", "c", "d"]
