"""The style sheet of the page: readable on a phone, light and dark, and colour never without a word."""

from __future__ import annotations

from typing import Final

STYLE: Final = (
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--soft:#f6f8fa;"
    "--bad:#b3261e;--unsure:#8a5a00;--good:#1a6b35;--info:#0b57a4}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6e8eb;--dim:#9aa4af;--line:#30363d;--soft:#181d24;"
    "--bad:#ff8a80;--unsure:#f0b849;--good:#6fcf8b;--info:#7db7f5}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.25rem;margin:1.5rem 0 .5rem}h3{font-size:1.05rem;margin:0}"
    "p{margin:.35rem 0;overflow-wrap:anywhere}li{overflow-wrap:anywhere}ul{padding-left:1.2rem}"
    "a{color:var(--info)}.dim{color:var(--dim);font-size:.9rem}"
    "section,article{border:1px solid var(--line);border-left:.4rem solid var(--line);border-radius:.4rem;"
    "background:var(--soft);padding:.75rem 1rem;margin:.75rem 0}section h2{margin:0}"
    ".bad,.critical{border-left-color:var(--bad)}.unsure,.warning{border-left-color:var(--unsure)}"
    ".good{border-left-color:var(--good)}.info{border-left-color:var(--info)}"
    ".tag{font-size:.75rem;font-weight:700;text-transform:uppercase;letter-spacing:.03em}"
    ".critical>h3 .tag{color:var(--bad)}.warning>h3 .tag{color:var(--unsure)}.info>h3 .tag{color:var(--info)}"
    "pre{background:var(--bg);border:1px solid var(--line);border-radius:.3rem;padding:.5rem;margin:.35rem 0;"
    "overflow-x:auto;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}"
    "summary{cursor:pointer;padding:.35rem 0}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
    "footer{margin:2rem 0 1rem;border-top:1px solid var(--line);padding-top:.5rem}"
)
