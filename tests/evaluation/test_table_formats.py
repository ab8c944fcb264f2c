import csv
import io

import pytest

from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.table import Table, columns
from msasss.evaluation.table_formats import text_of, to_csv, to_latex, to_markdown, to_plain

NAN = float("nan")
TABLE = Table(
    "table-9-example",
    "Table 9",
    "An example of 3 corners.",
    columns(("reader", "Reader"), ("n", "n"), ("accuracy", "Accuracy"), ("bias", "Bias", 1)),
    (("a|b_c", 3, Interval(0.5, 0.25, 0.75), -1.26), ("d & e", 0, Interval(NAN, NAN, NAN), None)),
    ("Accuracy: 95 % interval.",),
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Interval(0.9, 0.85, 0.95), "0.900 (0.850 to 0.950)"),
        (Interval(0.9, NAN, NAN), "0.900"),
        (Interval(NAN, NAN, NAN), "–"),
        (-0.0001, "0.000"),
        (NAN, "–"),
        (None, "–"),
        (12, "12"),
        ("both", "both"),
    ],
)
def test_a_cell_reads_as_a_number_with_its_interval_or_as_a_dash(cell, text):
    assert text_of(cell) == text


def test_markdown_keeps_a_pipe_in_a_name_from_splitting_the_row():
    lines = to_markdown(TABLE).splitlines()
    assert lines[0] == "### Table 9"
    assert r"| a\|b_c | 3 | 0.500 (0.250 to 0.750) | -1.3 |" in lines
    assert lines[-1] == "- Accuracy: 95 % interval."


def test_csv_gives_an_interval_three_columns_and_what_is_not_defined_none():
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert rows[0] == {
        "reader": "a|b_c",
        "n": "3",
        "accuracy": "0.5",
        "accuracy_low": "0.25",
        "accuracy_high": "0.75",
        "bias": "-1.26",
    }
    assert [rows[1][name] for name in ("accuracy", "accuracy_low", "bias")] == ["", "", ""]


def test_latex_escapes_names_and_keeps_the_columns():
    text = to_latex(TABLE)
    assert r"a|b\_c & 3 & 0.500 (0.250 to 0.750) & -1.3 \\" in text
    assert r"d \& e & 0 & -- & -- \\" in text
    assert r"\caption{Table 9. An example of 3 corners.}" in text
    assert r"Accuracy: 95 \% interval." in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


def test_plain_data_hold_numbers_not_texts():
    rows = to_plain(TABLE)["rows"]
    assert rows[0]["accuracy"] == {"estimate": 0.5, "low": 0.25, "high": 0.75}
    assert rows[1]["accuracy"] == {"estimate": None, "low": None, "high": None}
    assert rows[1]["bias"] is None


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="Expected 2 cells in row 1 of broken, got 1"):
        Table("broken", "", "", columns(("a", "A"), ("b", "B")), ((1,),))


def test_a_row_or_column_that_is_not_there_is_refused():
    with pytest.raises(KeyError, match="precision"):
        TABLE.column("precision")
    with pytest.raises(KeyError, match="nobody"):
        TABLE.row(reader="nobody")
