"""How a page of findings looks beyond what all pages have."""

FINDINGS = """
body{max-width:1080px}
a{color:inherit}
h2 .soft{font-weight:400}
h3 code{font-weight:600}
.head{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline}
.head code{min-width:0}
section{border-left:4px solid var(--now,var(--line))}
section p.seen{font-size:1.02rem;margin:4px 0 8px}
.plain td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
.plain .n{padding-right:18px}
th.of,td.of{font-weight:600;color:var(--ink)}
td.null{color:var(--soft);font-style:italic}
.wide{max-height:none;background:linear-gradient(to right,var(--card) 40%,transparent) 0 0/40px 100% no-repeat local,
linear-gradient(to left,var(--card) 40%,transparent) 100% 0/40px 100% no-repeat local,
linear-gradient(to right,#8888,transparent) 0 0/16px 100% no-repeat scroll,linear-gradient(to left,#8888,transparent) 100% 0/16px 100% no-repeat scroll}
.counts{display:flex;flex-wrap:wrap;gap:8px 36px;margin:10px 0 0;align-items:flex-start}
.counts table{width:auto;max-width:100%}
.counts code{overflow-wrap:break-word}
.counts td{border:0;padding:2px 10px 2px 0}
.counts td:first-child{max-width:18em;white-space:normal;overflow-wrap:break-word}
caption{text-align:left;padding:0 0 2px;font-size:.9em}
.offer{margin:12px 0 0;padding:8px 12px;border:1px dashed var(--soft);border-radius:6px}
.offer p{margin:2px 0}
.glance td:nth-child(2){white-space:normal;overflow-wrap:anywhere;min-width:11em}
.columns{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,290px),1fr));gap:12px}
.columns section{margin:0;padding:10px 12px;min-width:0}
.columns h3{margin:0;display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline}
.columns .soft{font-size:.84rem;margin:2px 0;font-weight:400}
.columns table{font-size:.82rem;width:auto}
.columns td{border:0;padding:1px 8px 1px 0}
.columns td:first-child{max-width:9em;overflow:hidden;text-overflow:ellipsis}
.histogram{width:100%;height:60px;margin:8px 0 0;overflow:hidden}
.moved{max-width:420px}
.counts thead th{padding:0 10px 2px 0;border:0;position:static;background:none}
.ends{display:flex;justify-content:space-between;gap:8px;font-size:.78rem;color:var(--soft);font-variant-numeric:tabular-nums}
.share{width:90px;overflow:hidden}
svg .bars{fill:var(--soft)}svg .failing{fill:var(--now,var(--fail))}svg .over{stroke:var(--now,var(--ink))}svg .base{stroke:var(--soft);stroke-width:1}
details{margin:14px 0}
summary{cursor:pointer}
summary .word{font-weight:600}
ul{margin:8px 0;padding-left:22px}li{margin:2px 0;overflow-wrap:anywhere}
.glance td:first-child,.glance th:first-child{white-space:nowrap;width:1%;padding-right:24px}
@media (max-width:640px){section{padding:12px}.glance td,.glance th{padding-right:6px}.glance td:nth-child(2){min-width:8em}
.glance td:first-child{padding-right:10px}.counts td:first-child{max-width:9em}.counts .share{width:56px}.counts td{padding-right:6px}}
@media print{
details::details-content{content-visibility:visible;display:block;height:auto}
.plain td{white-space:normal;overflow-wrap:break-word}
.many tr>:nth-child(n+10){display:none}.wide:has(.many)::after{content:"Further columns are on the screen alone.";font-size:8.5pt}
.columns{grid-template-columns:repeat(3,1fr)}.columns .share{width:60px}a{text-decoration:none}
}
"""
