"""Texts that a file of data may hold and no output may obey: one corpus for all tests."""

SCRIPTS = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "</script><script>alert(3)</script>",
    "<!--<style>*{display:none}</style>",
    "javascript:alert(4)",
)
"""What a page must not run."""
FORMULAS = (
    "=cmd()|'/c calc'!A1",
    '=HYPERLINK("http://example.org";"x")',
    "+1+1",
    "-1-1",
    "@SUM(1;1)",
)
"""What a spreadsheet must not reckon."""
TEMPLATES = (
    "{{7*7}}",
    "{% raw %}${7*7}#{7*7}",
    "\u202etxt.exe {{7*7}} {% raw %} \U0001f3e1 'quote\" & &amp;",
)
"""What a template must not fill in; one reads from right to left."""
BREAKS = (
    "'; DROP TABLE buurten; --",
    "../../etc/passwd\\..\\x",
    'a;b,c"d""e',
    "tab\there",
    "line\nbreak;=1+1",
    "return\r=1+1",
    "\u00e9\u0301 \u200b\ufeff \U0001f468\u200d\U0001f469\u200d\U0001f467 \u0627\u0644\u062d\u064a",
    "]]></name><script>alert(5)</script>",
)
"""What could end a cell, a path, a statement or an element."""
LONG = "x" * 10_000
FIRST = (SCRIPTS[0], SCRIPTS[1], FORMULAS[0], SCRIPTS[2], TEMPLATES[-1], LONG)
HOSTILE = (
    *FIRST,
    *(text for text in (*BREAKS, *FORMULAS, *TEMPLATES, *SCRIPTS) if text not in FIRST),
)
"""All of them, some of every kind among the first, for a town of few neighbourhoods."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet reckons."""
