"""docs/api.md can be followed: its curl commands run in order against a real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.web.serving import served
from tests.web.world import World

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs" / "api.md").read_text()


def test_the_walk_of_the_api_page_works(world: World) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", API, re.DOTALL)
    people = ("author", "approver", "operator", "administrator")
    keys = {name.upper(): world.keys[name] for name in people}
    answers = []
    with served(world) as url:
        for block in blocks:
            ran = subprocess.run(
                ["bash", "-ec", block],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "LOA": url, **keys},
                capture_output=True,
                text=True,
                check=True,
            )
            answers.append(ran.stdout)
            world.work()
    assert json.loads(answers[0])["version"] == 1
    assert json.loads(answers[3]) == {"id": 1}
    assert json.loads(answers[-2])["state"] == "cancelled"
    assert json.loads(answers[-1])["holds"] is True
    assert "problems/" not in "".join(answers)


def test_every_problem_that_a_program_meets_at_the_door_is_documented() -> None:
    doors = ROOT / "dispatcher" / "web"
    raised = {
        code
        for source in set(doors.rglob("*.py")) - set((doors / "console").rglob("*.py"))
        for code in re.findall(
            r"(?:NotFound|Forbidden|BadInput|Conflict|Unauthorised)\(\s*\"(\w+)\"",
            source.read_text(),
        )
    }
    assert raised <= set(re.findall(r"`(\w+)`", API))
