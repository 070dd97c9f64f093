"""The comparison with published figures, as the report shows it."""

from dataclasses import replace
from pathlib import Path

from evenground.outputs.report import write_report
from evenground.results import Run
from evenground.results.numbers import significant


def test_report__prints_every_ratio_and_what_is_outside_its_band(
    small_run: Run, tmp_path: Path
) -> None:
    table = small_run.validation.copy()
    table.loc[0, "is_inside"] = False

    write_report(replace(small_run, validation=table), tmp_path / "report.html")

    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    _, _, section = text.partition('<section id="klopt">')
    section, _, _ = section.partition("</section>")
    assert "Klopt het met wat bekend is?" in section
    for row in table.to_dict("records"):
        assert f'<th scope="row" class="said">{row["figure"]} (' in section
        assert f'<td class="n">{significant(row["ratio"])}' in section
    assert section.count("buiten de band") == 1 + int((~table["is_inside"][1:]).sum())
