#include "engine/report/html_style.hpp"

namespace arb::html {
namespace {

constexpr const char* kLight = R"(color-scheme:light;
--page:#f4f5f7;--card:#fff;--ink:#18202b;--soft:#566172;--line:#e1e5ea;--base:#9aa4b1;--hover:#f3f6fa;
--accent:#2563a8;--gain:#19734a;--loss:#b23b2e;--warn:#8a5a00;--warnbg:#fdf3dd;--taken:#2563a8;--missed:#8f9bab;
--tip:#18202b;--tipink:#f6f8fa;--s0:#2563a8;--s1:#c26a14;--s2:#2b8a6b;--s3:#8a4fa3;--s4:#6b7280;--s5:#b04a6f;)";

constexpr const char* kDark = R"(color-scheme:dark;
--page:#0f1318;--card:#171c23;--ink:#e6eaf0;--soft:#9ba7b6;--line:#29313b;--base:#5d6978;--hover:#1d242d;
--accent:#74aef0;--gain:#5cc492;--loss:#f08a78;--warn:#e8b85c;--warnbg:#2d2614;--taken:#74aef0;--missed:#66748a;
--tip:#e6eaf0;--tipink:#12171d;--s0:#74aef0;--s1:#f0a559;--s2:#5fc7a5;--s3:#c493dc;--s4:#a3adba;--s5:#ee8fb0;)";

constexpr const char* kLayout = R"(
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:20px 24px 40px;background:var(--page);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
h1{font-size:20px;line-height:1.25;margin:0 0 8px;overflow-wrap:anywhere}
h2{font-size:14px;line-height:1.3;margin:0;font-weight:650;overflow-wrap:anywhere}
p{margin:0}
.masthead{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;margin-bottom:14px}
dl{display:grid;grid-template-columns:auto 1fr auto 1fr;gap:2px 12px;margin:0;font-size:13px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;font-size:13px;color:var(--ink);background:var(--card);border:1px solid var(--line);
border-radius:6px;padding:5px 12px;cursor:pointer}
button:hover{background:var(--hover)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.verdict{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:8px;
padding:12px 16px;margin-bottom:12px}
.verdict p{color:var(--soft);overflow-wrap:anywhere}
.verdict p.lead{color:var(--ink);font-size:17px;line-height:1.4;font-weight:550}
.verdict p.lead+p{margin-top:4px}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;margin-bottom:12px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;min-width:0}
.tile span{display:block}
.tile .name,.tile .below{color:var(--soft);font-size:12px;overflow-wrap:anywhere}
.tile .value{font-size:22px;line-height:1.3;font-weight:600;letter-spacing:-.01em;white-space:nowrap;
overflow:hidden;text-overflow:ellipsis}
main{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;align-items:stretch}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px;min-width:0;
display:flex;flex-direction:column}
.card header{margin-bottom:10px}
.span2{grid-column:span 2}.span3{grid-column:span 3}.span6{grid-column:span 6}
.sub{color:var(--soft);font-size:12.5px;overflow-wrap:anywhere}
.legend{margin-top:4px;font-size:12.5px;display:flex;flex-wrap:wrap;gap:2px 14px}
.key{white-space:nowrap}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.empty{color:var(--soft);border:1px dashed var(--line);border-radius:6px;padding:18px 16px;text-align:center;
margin:auto 0;overflow-wrap:anywhere}
.pos{color:var(--gain)}.neg{color:var(--loss)}.zero{color:var(--soft)}.warn{color:var(--warn)!important}
ul{margin:0;padding-left:18px}li{overflow-wrap:anywhere}
footer{display:flex;flex-wrap:wrap;gap:4px 20px;color:var(--soft);font-size:12.5px;margin-top:14px}
.check{color:var(--gain)}
)";

constexpr const char* kCharts = R"(
svg{display:block;width:100%;height:auto;margin-top:auto}
svg text{font-size:12px;fill:var(--soft);pointer-events:none}
svg.narrow text{font-size:11.5px}
svg .unit{fill:var(--soft);font-style:normal}
.grid{stroke:var(--line);stroke-width:1}
.base{stroke:var(--base);stroke-width:1}
svg .taken{fill:var(--taken)}svg .missed{fill:var(--missed)}
i.taken{background:var(--taken)}i.missed{background:var(--missed)}
.feeline{stroke:var(--loss);stroke-width:1.5;stroke-dasharray:4 3;pointer-events:none}
.feeband{fill:var(--loss);opacity:.12;pointer-events:none}
svg .feetext{fill:var(--loss);font-weight:600;paint-order:stroke;stroke:var(--card);stroke-width:3px}
.series{fill:none;stroke-width:1.75;stroke-linejoin:round}
.area{fill:var(--accent);opacity:.1}
svg .s0{stroke:var(--s0)}svg .s1{stroke:var(--s1)}svg .s2{stroke:var(--s2)}svg .s3{stroke:var(--s3)}
svg .s4{stroke:var(--s4)}svg .s5{stroke:var(--s5)}
i.s0{background:var(--s0)}i.s1{background:var(--s1)}i.s2{background:var(--s2)}i.s3{background:var(--s3)}
i.s4{background:var(--s4)}i.s5{background:var(--s5)}
svg .heat{fill:var(--missed);opacity:.14}svg .heat.pos{fill:var(--gain)}svg .heat.neg{fill:var(--loss)}
svg .h1{opacity:.16}svg .h2{opacity:.28}svg .h3{opacity:.42}svg .h4{opacity:.56}svg .h5{opacity:.72}
svg .heattext{fill:var(--ink)}
.hot{fill:var(--ink);opacity:0}.hot:hover{opacity:.06}
.waterfall{display:flex;flex-direction:column;margin:auto 0}
.step{display:grid;grid-template-columns:64px minmax(60px,1fr) 46px var(--w);align-items:center;column-gap:10px;
height:36px}
.step .share,.step .exact{text-align:right;white-space:nowrap}
.step .share{color:var(--soft);font-size:12.5px}
.sum .name,.sum .exact{font-weight:650}
.step+.sum{border-top:1px solid var(--base)}
.track{position:relative;height:100%}
.track b{position:absolute;display:block}
.track .zero{top:0;bottom:0;width:0;border-left:1px solid var(--base)}
.track .tie{top:-10px;height:20px;width:0;border-left:1px dotted var(--base)}
.step:first-child .tie,.sum .tie{display:none}
.track .bar{top:8px;bottom:8px;min-width:2px;border-radius:2px;background:var(--missed)}
.track .pos{background:var(--gain)}.track .neg{background:var(--loss)}
.step:first-child .bar.pos{background:var(--accent)}
.step:first-child .exact{color:var(--ink)}
)";

constexpr const char* kTablesCss = R"(
.scroll{overflow:auto;max-height:372px;margin:0 -16px -6px;padding:0 16px}
.span6 .scroll{max-height:680px}
table{border-collapse:collapse;width:100%;font-size:13px}
th{font-weight:500;color:var(--soft);text-align:left;border-bottom:1px solid var(--base);padding:3px 10px 5px 0;
white-space:nowrap;vertical-align:bottom}
thead th{position:sticky;top:0;background:var(--card);box-shadow:0 1px 0 var(--base)}
td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
td.t{white-space:nowrap}
td.l{min-width:150px;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap}
tbody tr:hover td{background:var(--hover)}
tbody tr:last-child td{border-bottom:0}
tr.detail td{color:var(--warn);font-size:12.5px;padding-top:0;max-width:none}
tr.more td{color:var(--soft);max-width:none}
tr:has(+tr.detail) td{border-bottom:0}
.tag{display:inline-block;font-size:12px;color:var(--soft)}
.tag.warn{background:var(--warnbg);border-radius:4px;padding:0 6px;font-weight:600}
td .share{display:block;width:72px;height:8px;margin-top:6px;background:var(--line);border-radius:2px}
td .share i{display:block;height:100%;background:var(--base);border-radius:2px}
#tip{position:fixed;z-index:9;max-width:min(420px,90vw);background:var(--tip);color:var(--tipink);font-size:12.5px;
padding:5px 9px;border-radius:5px;pointer-events:none;overflow-wrap:anywhere}
)";

constexpr const char* kMedia = R"(
@media (max-width:980px){.tiles{grid-template-columns:repeat(3,1fr)}
.span2{grid-column:span 3}.span2:nth-of-type(3){grid-column:span 6}.span3{grid-column:span 6}
svg.narrow{max-width:480px;margin-left:auto;margin-right:auto}
dl{grid-template-columns:auto 1fr}table{font-size:12.5px}th,td{padding-right:8px}}
@media (max-width:620px){body{padding:12px 12px 32px}.tiles{grid-template-columns:repeat(2,1fr);gap:8px}
main{gap:8px}.card{padding:12px}.scroll{margin:0 -12px -6px;padding:0 12px}
.span2,.span2:nth-of-type(3),.span3{grid-column:span 6}.tile .value{font-size:19px}.verdict p.lead{font-size:16px}
svg.wide text{font-size:16px}svg.narrow text{font-size:12.5px}
.step{grid-template-columns:1fr auto auto;height:auto;padding:4px 0}.bars{display:none}
.step .track{grid-column:1/-1;grid-row:2;height:18px}.track .bar{top:3px;bottom:3px}.track .tie{display:none}}
@media print{@page{margin:10mm}body{max-width:none;padding:0;font-size:11px;background:none}button{display:none!important}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.card,.tile,.verdict{break-inside:avoid}.card.span6{break-inside:auto}tr{break-inside:avoid}
.scroll,.span6 .scroll{overflow:visible;max-height:none}thead th{position:static}table{font-size:9.5px}td,th{padding-right:6px}.tile .value{font-size:16px}}
)";

}  // namespace

std::string style_sheet()
{
    const std::string light = kLight;
    const std::string dark = kDark;
    return ":root{" + light +
           "}\n@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark +
           "}}\n@media screen{:root[data-theme=dark]{" + dark + "}}" + kLayout + kCharts + kTablesCss +
           kMedia;
}

const char* script()
{
    return R"(
(function(){
'use strict';
var root=document.documentElement,button=document.getElementById('theme'),tip=document.getElementById('tip');
var system=window.matchMedia('(prefers-color-scheme:dark)');
function recall(){try{return localStorage.getItem('arbiter-theme')}catch(e){return null}}
function keep(t){try{localStorage.setItem('arbiter-theme',t)}catch(e){}}
function dark(){return root.dataset.theme?root.dataset.theme==='dark':system.matches}
function label(){button.textContent=dark()?'Light':'Dark'}
var wanted=location.hash.slice(1);
if(wanted!=='dark'&&wanted!=='light')wanted=recall();
if(wanted==='dark'||wanted==='light')root.dataset.theme=wanted;
button.hidden=false;label();
button.addEventListener('click',function(){root.dataset.theme=dark()?'light':'dark';keep(root.dataset.theme);label()});
system.addEventListener('change',label);
document.addEventListener('pointermove',function(e){
var at=e.target.closest?e.target.closest('[data-tip]'):null;
if(!at){tip.hidden=true;return}
tip.textContent=at.getAttribute('data-tip');tip.hidden=false;
var w=tip.offsetWidth,h=tip.offsetHeight,x=e.clientX+14,y=e.clientY-h-12;
if(x+w>innerWidth-8)x=Math.max(8,e.clientX-w-14);
if(y<8)y=e.clientY+18;
tip.style.left=x+'px';tip.style.top=y+'px'});
document.addEventListener('scroll',function(){tip.hidden=true},true);
})();
)";
}

}  // namespace arb::html
