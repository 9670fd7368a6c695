"""The style of the page: two themes by what the reader's system prefers, and one for paper."""

from __future__ import annotations

from typing import Final

LIGHT: Final = {
    "page": "#f5f6f8", "surface": "#ffffff", "line": "#d9dde3", "text": "#1a1f26", "dim": "#545d69",
    "accent": "#0a58a5", "good": "#1a6b34", "bad": "#b3261e", "warn": "#855300",
    "promised": "#2b6cb0", "aside": "#1e4470", "burst": "#8fb8de", "apart": "#b9c2cd", "free": "#dfe4ea",
    "more": "#eef0f3", "valid": "#3d8b57", "referenced": "#8cc2a0", "partial": "#d8a83e", "skipped": "#aab2bd",
    "wrong": "#c8453d",
}  # fmt: skip
DARK: Final = {
    "page": "#0e1217", "surface": "#161b22", "line": "#2c343e", "text": "#e4e9ef", "dim": "#9ba7b4",
    "accent": "#7bb8f5", "good": "#79c995", "bad": "#ff8f86", "warn": "#e2b05a",
    "promised": "#4f97dc", "aside": "#9cc9f5", "burst": "#2c5685", "apart": "#4a5563", "free": "#323b46",
    "more": "#222932", "valid": "#4c9f69", "referenced": "#2f6344", "partial": "#c1922f", "skipped": "#59636f",
    "wrong": "#e2665d",
}  # fmt: skip
TEXTS: Final = ("text", "dim", "accent", "good", "bad", "warn")
"""The colours of text; each is read on `page` and on `surface`."""
GROUNDS: Final = ("page", "surface")

_RULES: Final = """
*{box-sizing:border-box}
html{font:14px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--text);
background:var(--page);-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:24px 28px 64px;max-width:1320px;display:grid;grid-template-columns:176px minmax(0,1fr);
gap:0 36px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--surface);padding:6px 10px;border-radius:4px;z-index:1}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
header{grid-column:1/-1;display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 14px;padding-bottom:14px;
margin-bottom:22px;border-bottom:1px solid var(--line)}
h1{font-size:22px;line-height:1.2;font-weight:650;margin:0;letter-spacing:-.01em}
header p{margin:0;color:var(--dim)}
header .state{margin-left:auto;font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
nav{font-size:13px}
nav ul{list-style:none;margin:0;padding:0;position:sticky;top:20px}
nav a{display:flex;justify-content:space-between;gap:8px;padding:4px 8px;margin-left:-8px;text-decoration:none;
color:var(--text);border-radius:4px}
nav a:hover{background:var(--surface);color:var(--accent)}
nav a span{color:var(--dim)}
main{min-width:0}
section{margin:0 0 34px}
h2{font-size:15px;line-height:1.3;font-weight:650;margin:0 0 4px;scroll-margin-top:16px}
h3{font-size:12px;font-weight:600;margin:16px 0 8px;color:var(--dim);text-transform:uppercase;letter-spacing:.05em}
.about{margin:0 0 12px;font-size:13px;color:var(--dim);max-width:100ch}
.none{margin:0;padding:10px 12px;color:var(--dim);border:1px dashed var(--line);border-radius:6px}
code{font:12px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.at,small{color:var(--dim)}
small{display:block;font-size:12px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(84px,1fr));margin:0 0 16px;padding:0;
background:var(--surface);border:1px solid var(--line);border-radius:6px;overflow:hidden}
.tiles div{margin:0 -1px -1px 0;border:solid var(--line);border-width:0 1px 1px 0;padding:9px 11px;
display:flex;flex-direction:column-reverse;justify-content:flex-end}
.tiles dt{font-size:12px;color:var(--dim)}
.tiles dd{margin:0;font-size:19px;line-height:1.25;font-weight:600;letter-spacing:-.01em}
table{width:100%;border-collapse:separate;border-spacing:0;background:var(--surface);border:1px solid var(--line);
border-radius:6px;margin:0 0 14px;font-size:13px}
caption{text-align:left;font-size:12px;color:var(--dim);padding:0 0 6px}
th,td{text-align:left;vertical-align:top;padding:6px 10px;border-top:1px solid var(--line);font-weight:400}
thead th{border-top:0;font-size:12px;color:var(--dim);vertical-align:bottom}
thead th{overflow-wrap:normal}
tbody th{font-weight:600;min-width:196px}
td .v{display:block;min-width:76px}
tbody th small,tbody th .at{font-weight:400}
.n{text-align:right;white-space:nowrap}
.n .v{min-width:0}
.bar{display:block;width:100%;min-width:90px;height:10px;border-radius:2px}
td .bar{margin-top:5px;width:168px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 14px;padding:0;font-size:12px;
color:var(--dim)}
.legend li{display:flex;align-items:center;gap:6px}
.key{width:10px;height:10px;border-radius:2px}
.tag{display:inline-block;font-size:11px;line-height:16px;padding:0 5px;border:1px solid var(--line);border-radius:3px;
color:var(--dim);white-space:nowrap}
.tag.bad,.tag.warn,.tag.good{border-color:currentColor}
.tag.bad{color:var(--bad)}.tag.warn{color:var(--warn)}.tag.good{color:var(--good)}
.places{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:0 12px}
.map{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:12px}
.s4{grid-column:span 4}
.s1{grid-column:span 1}.s1 .map{grid-template-columns:minmax(0,1fr)}
.s2{grid-column:span 2}.s2 .map{grid-template-columns:repeat(2,minmax(0,1fr))}
.s3{grid-column:span 3}.s3 .map{grid-template-columns:repeat(3,minmax(0,1fr))}
.map>li{background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:10px 12px;min-width:0}
h4{font-size:13px;line-height:1.4;font-weight:600;margin:0;display:flex;justify-content:space-between;gap:8px}
.facts{margin:0 0 8px;font-size:12px;color:var(--dim)}
.pools{list-style:none;margin:0;padding:0;font-size:12px;display:grid;gap:7px}
.pools div{display:flex;justify-content:space-between;gap:8px}
.pools div span:last-child{color:var(--dim);white-space:nowrap}
.two tbody th{min-width:118px}
.two td .bar{width:100%;min-width:64px}
details summary{cursor:pointer;color:var(--accent);white-space:nowrap;width:max-content}
details[open]>summary{margin-bottom:4px}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 20px;align-items:start}
.findings{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.findings li{background:var(--surface);border:1px solid var(--line);border-left:3px solid var(--bad);border-radius:6px;
padding:8px 12px}
.findings li.warning{border-left-color:var(--warn)}
.findings p{margin:2px 0 0}
.boards{display:grid;gap:20px}
.boards h3{text-transform:none;letter-spacing:0;font-size:13px;color:var(--text);margin:0}
.boards article>p{margin:0 0 8px;font-size:12px;color:var(--dim)}
.grid{list-style:none;margin:0;padding:6px;display:grid;grid-template-columns:repeat(24,minmax(0,1fr));
grid-auto-rows:13px;gap:3px;background:var(--surface);border:1px solid var(--line);border-radius:6px}
.grid li{border:1px solid var(--line);border-radius:3px;background:var(--page);padding:2px 6px;overflow:hidden;
font-size:12px;line-height:1.35;min-width:0}
.grid li.row{background:none;border:0;border-bottom:1px solid var(--line);border-radius:0;font-weight:600;padding:0 2px;
font-size:11px;line-height:13px;white-space:nowrap}
.grid li.row small{display:inline;margin-left:8px}
.grid b,.grid small{display:block;font-weight:500;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.grid small{font-weight:400;font-size:11px}
footer{grid-column:1/-1;border-top:1px solid var(--line);padding-top:12px;color:var(--dim);font-size:12px}
@media(max-width:1180px){
.two{grid-template-columns:minmax(0,1fr)}
.places,.s3,.s4,.s3 .map,.s4 .map{grid-template-columns:repeat(2,minmax(0,1fr))}
.s3,.s4{grid-column:span 2}
}
@media(max-width:1180px){
body{grid-template-columns:minmax(0,1fr);padding:16px 16px 40px}
nav{margin-bottom:22px}
nav ul{position:static;display:flex;flex-wrap:wrap;gap:2px 4px}
nav a{margin:0;padding:3px 8px;background:var(--surface);border:1px solid var(--line)}
header .state{margin-left:0}
}
@media(max-width:960px){
table,tbody,tr,th,td{display:block}
table{border:0;background:none}
tbody{border:1px solid var(--line);border-radius:6px;background:var(--surface)}
thead{position:absolute;left:-999px}
caption{display:block}
tr{padding:8px 12px;border-top:1px solid var(--line)}
tbody tr:first-child{border-top:0}
th,td{padding:1px 0;border:0}
tbody th{padding-bottom:3px}
td{display:flex;justify-content:space-between;gap:16px;text-align:left;white-space:normal}
td::before{content:attr(data-label);color:var(--dim);flex:none}
td .v{text-align:right;min-width:0}
tbody th{min-width:0}
td[data-empty]{display:none}
.places,.map,.s1 .map,.s2 .map,.s3 .map,.s4 .map{grid-template-columns:minmax(0,1fr)}
.s1,.s2,.s3,.s4{grid-column:auto}
.grid{display:block;padding:8px 12px}
.grid li,.grid li.row{border:0;background:none;padding:2px 0;line-height:1.4;font-size:12px;display:flex;
justify-content:space-between;gap:12px;white-space:normal}
.grid li.row{border-bottom:1px solid var(--line)}
.grid b,.grid small{white-space:normal}
}
@media print{
html{background:#fff;font-size:11px}
body{display:block;max-width:none;padding:0}
nav,.skip{display:none}
section,article,.map>li,tr{break-inside:avoid}
h2,h3{break-after:avoid}
.bar,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""
_BARS: Final = ("promised", "aside", "burst", "apart", "free", "more")
_CHECKS: Final = ("valid", "referenced", "partial", "skipped", "wrong")


def style(more: str = "") -> str:
    """The whole style sheet; `more` are rules of this one page."""
    bars = "".join(f".{n}{{fill:var(--{n})}}.key.{n}{{background:var(--{n})}}\n" for n in (*_BARS, *_CHECKS))
    dark = f"@media(prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}"
    # Ink is dear: on paper it is always the light one.
    paper = f"@media print{{:root{{{_colours(LIGHT)}}}}}"
    return f":root{{color-scheme:light dark;{_colours(LIGHT)}}}\n{dark}\n{paper}{_RULES}{bars}{more}"


def _colours(theme: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in theme.items())
