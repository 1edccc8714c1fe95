"""The year as a picture: MAE by month with and without retraining, releases and refusals marked. Plain SVG, light and dark."""

from collections.abc import Sequence
from html import escape

from assay.flows.demo.report import DemoReport, Month

WIDTH, HEIGHT = 860, 430
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 92, 62
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STYLE = """
  .bg{fill:#ffffff} text{font:14px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2328}
  .title{font-size:18px;font-weight:600} .small{font-size:12.5px;fill:#59636e}
  .grid{stroke:#d1d9e0;stroke-width:1} .with{stroke:#0969da;fill:none;stroke-width:3}
  .without{stroke:#bc4c00;fill:none;stroke-width:2.5;stroke-dasharray:7 5}
  .withtext{fill:#0969da;font-weight:600} .withouttext{fill:#bc4c00;font-weight:600}
  .release{fill:#0969da;stroke:#ffffff;stroke-width:2} .refusal{fill:#ffffff;stroke:#cf222e;stroke-width:2.5}
  .refusaltext{fill:#cf222e;font-weight:600}
  @media (prefers-color-scheme: dark){
    .bg{fill:#0d1117} text{fill:#f0f6fc} .small{fill:#9198a1} .grid{stroke:#3d444d}
    .with{stroke:#4493f8} .without{stroke:#f0883e} .withtext{fill:#4493f8} .withouttext{fill:#f0883e}
    .release{fill:#4493f8;stroke:#0d1117} .refusal{fill:#0d1117;stroke:#f85149} .refusaltext{fill:#f85149}
  }
"""


def draw_year(report: DemoReport) -> str:
    """The picture as SVG text."""
    top = 5 * (int(max(max(m.mae, m.mae_without_retraining) for m in report.months)) // 5 + 1)
    scale = _Scale(len(report.months), top)
    summary = (
        f"Mean absolute error by month: {len(report.releases)} releases, {len(report.refusals)} refusals; "
        "without retraining the error doubles in summer."
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(summary)}">',
            f"<style>{STYLE}</style>",
            f'<rect class="bg" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            f'<text class="title" x="{LEFT}" y="32">How wrong is the predicted flight time? Mean absolute error, minutes</text>',
            *_legend(),
            *_grid(scale),
            *_line("without", [m.mae_without_retraining for m in report.months], scale),
            *_line("with", [m.mae for m in report.months], scale),
            *_marks(report, scale),
            _footnote(),
            "</svg>",
            "",
        )
    )


class _Scale:
    """From months and minutes to points of the picture."""

    def __init__(self, months: int, top: int) -> None:
        self.top = top
        self._step = (WIDTH - LEFT - RIGHT - 40) / max(1, months - 1)

    def x(self, month: int) -> float:
        return round(LEFT + 20 + (month - 1) * self._step, 1)

    def y(self, minutes: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - minutes / self.top), 1)


def _legend() -> list[str]:
    y = 60
    return [
        f'<path class="with" d="M{LEFT} {y - 5}h34"/><text class="withtext" x="{LEFT + 42}" y="{y}">with Assay</text>',
        f'<path class="without" d="M{LEFT + 150} {y - 5}h34"/>',
        f'<text class="withouttext" x="{LEFT + 192}" y="{y}">January\'s model all year</text>',
        f'<circle class="release" cx="{LEFT + 410}" cy="{y - 5}" r="7"/><text x="{LEFT + 424}" y="{y}">retrained and released</text>',
        f'<circle class="refusal" cx="{LEFT + 606}" cy="{y - 5}" r="6"/><text x="{LEFT + 620}" y="{y}">retrained and refused</text>',
    ]


def _grid(scale: _Scale) -> list[str]:
    lines = []
    for minutes in range(0, scale.top + 1, 5):
        y = scale.y(minutes)
        lines.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        lines.append(f'<text class="small" x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{minutes}</text>')
    for month, name in enumerate(MONTHS, start=1):
        lines.append(
            f'<text class="small" x="{scale.x(month)}" y="{scale.y(0) + 22}" text-anchor="middle">{name}</text>'
        )
    return lines


def _line(kind: str, values: Sequence[float], scale: _Scale) -> list[str]:
    points = " ".join(f"{scale.x(month)},{scale.y(value)}" for month, value in enumerate(values, start=1))
    return [f'<polyline class="{kind}" points="{points}"/>']


def _marks(report: DemoReport, scale: _Scale) -> list[str]:
    """A month's mark stands on its point: what was released or refused because of what that month showed."""
    by_month: dict[int, Month] = {month.month: month for month in report.months}
    marks = []
    for release in report.releases:
        x, y = scale.x(release.month), scale.y(by_month[release.month].mae)
        marks.append(f'<circle class="release" cx="{x}" cy="{y}" r="7"/>')
        marks.append(
            f'<text class="withtext" x="{x}" y="{y + 24}" text-anchor="middle">{escape(release.release)}</text>'
        )
    for refusal in report.refusals:
        x, y = scale.x(refusal.month), scale.y(by_month[refusal.month].mae)
        marks.append(f'<circle class="refusal" cx="{x}" cy="{y}" r="6"/>')
        marks.append(f'<text class="refusaltext" x="{x}" y="{y + 24}" text-anchor="middle">refused</text>')
    return marks


def _footnote() -> str:
    text = "Flights from New York, 2013. Each month as predicted before any label of it was known; January on held-out rows."
    return f'<text class="small" x="{LEFT}" y="{HEIGHT - 12}">{text}</text>'
