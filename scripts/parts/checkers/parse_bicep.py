"""Parses Bicep files, and looks whether each module that is named is there and gets the parameters that it asks for.

Not a compiler: it knows neither Azure's resource types nor the types of expressions.
"""

import re
import sys
from pathlib import Path

import pycep

wrong = []
for name in sys.argv[1:]:
    file = Path(name)
    try:
        parsed = pycep.BicepParser().parse(file_path=file)
    except Exception as error:  # the parser's own, and those of its grammar
        wrong.append(f"{file}: {str(error).splitlines()[0]}")
        continue
    text = file.read_text()
    for module, path in re.findall(r"^module (\w+) '([^']+)'", text, re.MULTILINE):
        target = file.parent / path
        if not target.exists():
            wrong.append(f"{file}: module {module} names {path}, which is not there")
            continue
        body = text[text.index(f"module {module} '") :]
        body = body[body.index("params: {") :]
        depth = 0
        for end, character in enumerate(body):
            depth += {"{": 1, "}": -1}.get(character, 0)
            if depth == 0 and character == "}":
                break
        given = set(re.findall(r"(?:^|[{,\n])\s*(\w+):", body[len("params:") : end]))
        wanted = re.findall(r"^param (\w+) \w+( =)?", target.read_text(), re.MULTILINE)
        for parameter, default in wanted:
            if parameter not in given and not default:
                wrong.append(f"{file}: module {module} is not given {parameter}")
        for parameter in given - {parameter for parameter, _ in wanted}:
            wrong.append(f"{file}: module {module} has no parameter {parameter}")
        for output in re.findall(rf"\b{module}!?\.outputs\.(\w+)", text):
            if not re.search(rf"^output {output} ", target.read_text(), re.MULTILINE):
                wrong.append(f"{file}: module {module} has no output {output}")

print("\n".join(wrong))
sys.exit(1 if wrong else 0)
