"""How pages look: light, dark and on paper. Each kind of page adds what it alone has."""

STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--ground:#fff;--card:#f6f8fa;--side:#1f883d24;
--pass:#1a7f37;--fail:#cf222e;--open:#9a6700;--none:#59636e}
@media (prefers-color-scheme:dark){:root{--ink:#f0f6fc;--soft:#9198a1;--line:#3d444d;--ground:#0d1117;--card:#151b23;
--side:#3fb95030;--pass:#3fb950;--fail:#f85149;--open:#d29922;--none:#9198a1}}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 20px 60px;max-width:1000px;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
code,.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em;overflow-wrap:anywhere}
h1{font-size:1.45rem;line-height:1.35;margin:0 0 6px;padding-left:14px;border-left:6px solid;overflow-wrap:anywhere}
h1.pass,h1.fail,h1.open,h1.none{border-color:var(--now)}
h2{font-size:1.1rem;margin:36px 0 10px}
h3{font-size:1rem;margin:0 0 6px;overflow-wrap:anywhere}
p{margin:6px 0;overflow-wrap:anywhere}
.pass{--now:var(--pass)}.fail{--now:var(--fail)}.open{--now:var(--open)}.none{--now:var(--none)}
.word{color:var(--now);fill:var(--now);font-weight:600;white-space:nowrap}
.soft,dt,th,caption,footer{color:var(--soft)}
.soft,footer{font-size:.9em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:10px 0}
dt,dd{margin:0;overflow-wrap:anywhere;min-width:0}
section{margin:14px 0;padding:14px 16px;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.wide{overflow-x:auto;max-height:560px;overflow-y:auto;margin:10px 0 0}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th{font-weight:500;text-align:left;position:sticky;top:0;background:var(--card);z-index:1}
th,td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:middle}
td.n,th.n{text-align:right}
td small{display:block;color:var(--soft)}
figure{margin:10px 0 18px;overflow-x:auto}
svg{display:block;overflow:visible}
svg text{fill:var(--ink);font-size:13px}
@media print{
:root{--ink:#000;--soft:#444;--line:#bbb;--ground:#fff;--card:#fff;--side:#0000001a;--pass:#1a7f37;--fail:#cf222e;--open:#9a6700;--none:#444}
body{max-width:none;padding:0;font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.wide{max-height:none;overflow:visible}
th{position:static}thead{display:table-header-group}
section,tr,figure{break-inside:avoid}section.long{break-inside:auto}h2,h3{break-after:avoid}
table{font-size:8.5pt}figure{overflow:visible}
}
@media (max-width:640px){body{padding:16px 12px 40px}dl{column-gap:10px}}
"""
