#include "page_style.h"

#include "thz/core/error.h"

namespace thz::report::internal {

const char* const kPageStyle = R"css(
:root{color-scheme:light dark;--paper:#fff;--panel:#f5f6f8;--ink:#1b1f24;--muted:#5d6673;--rule:#dfe3e8;
--accent:#9c2a55;--tint:#fbf1f5;--s1:#9c2a55;--s2:#2b6ca3;--s3:#c47a12;--s4:#2f7d5b;--s5:#6b4fa0;--s6:#7a7f87;
--heat:156,42,85}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1d2126;--ink:#e4e7eb;--muted:#9aa4b0;
--rule:#323942;--accent:#f27aa5;--tint:#2a1c24;--s1:#f27aa5;--s2:#6db3ee;--s3:#f0b04a;--s4:#69c79c;--s5:#b49af0;
--s6:#a5abb3}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 28px}
header{padding-top:48px}
h1{font-size:2.1rem;line-height:1.2;margin:0 0 .2em;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.4rem;margin:2.6em 0 .8em;padding-top:.9em;border-top:2px solid var(--ink)}
h3{font-size:1.08rem;margin:2.2em 0 .6em;color:var(--accent)}
p{max-width:74ch}
.subtitle{color:var(--muted);margin:0 0 1.2em}
.summary{font-size:1.08rem;max-width:78ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(215px,1fr));gap:14px;margin:1.6em 0 0}
.card{background:var(--panel);border-radius:8px;padding:14px 16px;border-top:3px solid var(--accent)}
.card span{display:block;font-size:.85rem;color:var(--muted)}
.card b{display:block;font-size:1.9rem;line-height:1.25;font-weight:650}
.card small{display:block;color:var(--muted);font-size:.78rem;line-height:1.4;margin-top:4px}
figure{margin:1.6em 0;min-width:0}
figcaption,caption{font-size:.86rem;color:var(--muted);line-height:1.45;text-align:left;max-width:92ch}
figcaption b,caption b{color:var(--ink)}
caption{padding:0 0 .6em}
figcaption{margin-top:.6em}
.scroll+.scroll{margin-top:2em}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:8px 36px;
align-items:start}
.scroll{overflow-x:auto}
table{border-collapse:collapse}
table.data{width:100%;font-size:.86rem}
table.data th,table.data td{padding:8px 12px 8px 0;border-bottom:1px solid var(--rule);text-align:left;
vertical-align:top}
table.data thead th{font-weight:600;border-bottom:1.5px solid var(--ink);vertical-align:bottom;line-height:1.3}
table.data tbody th{font-weight:500;min-width:9em;max-width:18em}
tr.ours{background:var(--tint)}
tr.ours th,tr.ours .figure{font-weight:680;color:var(--accent)}
tr.ours th{box-shadow:inset 3px 0 var(--accent);padding-left:9px!important}
tr.chance-row,tr.chance-row th{color:var(--muted);font-style:italic}
tr.ceiling th{font-style:italic}
.figure{font-weight:600}
.interval{display:block;color:var(--muted);font-size:.78rem;line-height:1.3;white-space:nowrap}
.refused{color:var(--muted);font-style:italic;font-size:.8rem}
.bar{position:relative;display:block;height:7px;min-width:84px;margin-top:5px;background:linear-gradient(var(--rule),
var(--rule)) 0 3px/100% 1px no-repeat}
.bar i{position:absolute;top:0}
.bar .span{top:2px;height:3px;background:var(--muted);border-radius:2px;min-width:1px}
.bar .dot{width:7px;height:7px;margin-left:-3.5px;border-radius:50%;background:var(--ink)}
.bar .chance{width:1.5px;height:7px;background:var(--s3)}
tr.ours .bar .dot,tr.ours .bar .span{background:var(--accent)}
table.pairs{width:100%;font-size:.88rem}
table.pairs th{font-weight:500;color:var(--muted);text-align:left;padding:4px 18px 4px 0;vertical-align:top;
white-space:nowrap;width:1%}
table.pairs td{padding:4px 0;overflow-wrap:anywhere}
table.pairs tr{border-bottom:1px solid var(--rule)}
table.pictures{font-size:.82rem}
table.pictures thead th{font-weight:600;padding:0 5px 6px}
table.pictures tbody th{font-weight:500;text-align:right;padding:0 44px 0 0;max-width:11em;color:var(--muted)}
table.pictures td{padding:3px 5px;text-align:center;vertical-align:top}
table.pictures tbody tr:last-child td{padding-bottom:22px}
.picture,.frame{display:block;position:relative}
.frame img{display:block;width:148px;height:auto;image-rendering:pixelated;border-radius:2px;background:#000}
.under{display:block;color:var(--muted);font-size:.74rem;line-height:1.35;padding:3px 0 8px;max-width:148px}
.scale{position:absolute;left:7px;bottom:6px;color:#fff;font-size:.66rem;line-height:1.1;text-align:center;
white-space:nowrap;text-shadow:0 0 2px #000}
.scale i{display:block;height:2px;background:#fff;margin-bottom:1px}
.x-axis,.y-axis{position:absolute;display:flex;justify-content:space-between;color:var(--muted);font-size:.64rem;
line-height:1}
.x-axis b,.y-axis b{font-weight:400}
table.triples td:nth-child(3n+2),table.triples thead th:nth-child(3n+2){padding-left:16px}
.x-axis{left:0;right:0;top:calc(100% + 5px)}
.frame:has(.x-axis)+.under{padding-top:20px}
.y-axis{writing-mode:vertical-rl;transform:rotate(180deg);top:0;bottom:0;right:calc(100% + 5px)}
.scales{display:flex;flex-wrap:wrap;gap:6px 34px;margin:.2em 0 0;font-size:.8rem;color:var(--muted)}
.colour{display:inline-flex;align-items:center;gap:7px}
.colour i{width:150px;height:11px;border-radius:2px;border:1px solid var(--rule)}
.colour b{font-weight:400}
table.heat{font-size:.86rem}
table.heat th{font-weight:500;padding:5px 8px;font-size:.8rem;color:var(--muted)}
table.heat tbody th{text-align:right}
table.heat td{width:78px;height:56px;text-align:center;border:2px solid var(--paper);font-weight:600;
background:color-mix(in srgb,var(--s1) var(--heat),var(--panel))}
table.heat thead td{background:none;width:auto;height:auto}
table.heat td small{display:block;font-weight:400;font-size:.72rem;opacity:.8}
table.heat td.hot{color:var(--paper)}
svg.plot{display:block;width:100%;height:auto;color:var(--ink)}
details{margin:1.4em 0}
summary{cursor:pointer;font-weight:600}
.note{background:var(--panel);border-left:3px solid var(--s3);padding:10px 16px;margin:1.4em 0;font-size:.9rem}
.note ul{margin:.3em 0;padding-left:1.2em}
pre{background:var(--panel);border-radius:8px;padding:14px 16px;overflow-x:auto;font:.85rem/1.6 ui-monospace,
"DejaVu Sans Mono",Menlo,monospace}
footer{color:var(--muted);font-size:.82rem;padding-top:2em;padding-bottom:3em}
@media (max-width:640px){header,main,footer{padding-left:16px;padding-right:16px}header{padding-top:28px}
h1{font-size:1.6rem}.frame img{width:104px}table.pictures tbody th{padding-right:34px}}
@media print{body{font-size:10.5pt}details>*{display:block}h2{break-after:avoid}figure,tr{break-inside:avoid}}
)css";

// The light set stands first.
std::string light_colour(const std::string& name) {
  const std::string style = kPageStyle, key = "--" + name + ":";
  const std::size_t at = style.find(key);
  THZ_REQUIRE(at != std::string::npos, "the style sheet has no such colour");
  const std::size_t start = at + key.size();
  return style.substr(start, style.find_first_of(";}", start) - start);
}

}  // namespace thz::report::internal
