"""When work is done without being asked for."""

import dagster as dg

_Condition = dg.AutomationCondition

new_or_replaced_episode = (
    (
        (_Condition.missing() & ~_Condition.execution_failed()) | _Condition.any_deps_updated()
    ).since_last_handled()
    & ~_Condition.any_deps_missing()
    & ~_Condition.any_deps_in_progress()
    & ~_Condition.in_progress()
).with_label("new or replaced episode")
"""`eager()` ignores what was there before its first look, and this does not; a file that cannot be
read is not tried over and over, but is when it is replaced."""

inputs_changed = (
    _Condition.any_deps_updated().since_last_handled()
    & (~_Condition.any_deps_in_progress() | _Condition.cron_tick_passed("*/10 * * * *"))
    & ~_Condition.in_progress()
).with_label("inputs changed")
"""For what takes in all episodes: it does not wait for those that failed, and during a long
backlog it takes in what there is every ten minutes."""
