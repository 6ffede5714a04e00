"""What hostile or broken clients send."""

IDS = (
    "",
    " ",
    "..",
    "../s1",
    "a/b",
    "a.b",
    "a#b",
    "a\0b",
    "a\n",
    "\u0661",  # ARABIC-INDIC DIGIT ONE: a digit to str.isdigit, none to the contract
    "\u00e9",
    "%2e%2e",
    "x" * 65,
    "LOG#1",
    "\ud800",
)
"""None of them is an id: `[A-Za-z0-9_-]{1,64}`."""

NO_JSON_OBJECTS = {
    "an array": "[]",
    "a string": '"x"',
    "a number": "1",
    "a boolean": "true",
    "null": "null",
    "NaN": '{"content": NaN}',
    "Infinity": '{"content": Infinity}',
    "minus Infinity": '{"content": -Infinity}',
    "cut off": '{"content": "x"',
    "something behind": '{"content": "x"}}',
    "single quotes": "{'content': 'x'}",
    "a comma too many": '{"content": "x",}',
    "a comment": '{"content": "x"} // y',
    "blank": "  ",
    "a byte order mark": '\ufeff{"content": "x"}',
    "an escaped lone surrogate": '{"content": "\\ud800"}',
    "a lone surrogate": '{"content": "\ud800"}',
    "a raw control character": '{"content": "\x01"}',
    "5000 levels": '{"content": ' + "[" * 5000 + "]" * 5000 + "}",
    "a number of 5000 digits": '{"content": ' + "9" * 5000 + "}",
    "a form": "content=x&agent=ask",
}
"""Bodies that are not one JSON object in UTF-8."""
