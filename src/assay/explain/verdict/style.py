"""How a verdict's page looks beyond what all pages have: its pictures."""

PICTURES = """
.forest td{text-align:right}
.forest td:first-child{text-align:left;color:var(--now);font-weight:600}
.forest td:nth-child(2){text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:12em}
svg.panel{width:100%;height:auto;max-width:960px;min-width:600px;padding:0 2px}
.forest svg{width:260px;height:20px}
svg .code{font-size:12px}
svg .word{fill:var(--now)}
svg .value{font-variant-numeric:tabular-nums}
svg .tick,svg .axis{fill:var(--soft);font-size:12px}
.forest svg .tick{font-size:10.5px}
.grid{stroke:var(--line);stroke-width:1;fill:none}
.side{fill:var(--side)}
.bar{stroke:var(--ink);stroke-width:2.5;fill:none}
.flag{fill:var(--ink)}
.zero{stroke:var(--soft);stroke-width:1.3;stroke-dasharray:3 3;fill:none}
.whisker{stroke:var(--now);stroke-width:2.2;fill:none}
.dot{fill:var(--now);stroke:var(--now);stroke-width:2}
.hollow{fill:var(--ground)}
@media print{.forest svg{width:170px}svg.panel{min-width:0}}
"""
