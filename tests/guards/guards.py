"""Every guard of the ledger: the line that is one, what it becomes without it, and the test that then fails."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """`text` occurs once in `path`. With `instead` in its place, `test` fails."""

    name: str
    path: str
    text: str
    instead: str
    test: str


SHORT_RUN = "tests/simulation/test_simulation.py::test_a_short_run_keeps_every_promise"
FOUND = "tests/faults/test_found_by_simulation.py::"
LOST = "tests/faults/test_lost_and_found.py::"

GUARDS = (
    # The week's money.
    Guard(
        "a hold is written before the call",
        "promptready/ledger.py",
        "lambda budget: budget.hold(amount_nanousd, self._clock(), share_percent), undo=give_back",
        "lambda budget: budget, undo=give_back",
        f"{SHORT_RUN}[budget]",
    ),
    Guard(
        "a hold counts as spent",
        "promptready/budget.py",
        "spend_nanousd=self.spend_nanousd + amount_nanousd)",
        "spend_nanousd=self.spend_nanousd)",
        "tests/test_budget.py::test_a_hold_counts_as_spent_until_it_is_settled",
    ),
    Guard(
        "the cap refuses",
        "promptready/budget.py",
        "        if not self.has_room_for(amount_nanousd, share_percent):\n            raise exhausted(now)\n",
        "",
        "tests/test_budget.py::test_a_hold_over_the_cap_is_refused_until_monday",
    ),
    Guard(
        "an open breaker refuses",
        "promptready/budget.py",
        "if self.breaker_open or self.spend",
        "if self.spend",
        "tests/test_budget.py::test_an_open_breaker_refuses_whatever_is_left",
    ),
    Guard(
        "the worst case covers the template",
        "promptready/catalog.py",
        "self.cost_nanousd(prompt_bytes + TEMPLATE_TOKENS, ",
        "self.cost_nanousd(prompt_bytes, ",
        f"{SHORT_RUN}[whole]",
    ),
    Guard(
        "failover takes a hold of its own",
        "promptready/routing.py",
        "            hold = None\n            retry_after_s",
        "            retry_after_s",
        f"{SHORT_RUN}[whole]",
    ),
    Guard(
        "a settlement never takes more than its hold",
        "promptready/budget.py",
        "max(0, min(cost_nanousd, hold.amount_nanousd))",
        "max(0, cost_nanousd)",
        "tests/test_budget.py::test_a_cost_above_its_hold_never_takes_more_than_the_hold",
    ),
    Guard(
        "a settlement knows its week",
        "promptready/budget.py",
        "        if hold.week != self.week:\n            return self\n",
        "",
        "tests/test_budget.py::test_a_settlement_of_a_closed_week_is_dropped",
    ),
    Guard(
        "weeks only go forward",
        "promptready/budget.py",
        "if week > self.week else self",
        "if week != self.week else self",
        "tests/test_budget.py::test_a_roll_begins_the_week_once_and_never_goes_back",
    ),
    Guard(
        "an unknown outcome stays spent",
        "promptready/routing.py",
        "cost_nanousd = hold.amount_nanousd if reply.is_billed_unknown else 0",
        "cost_nanousd = 0",
        f"{SHORT_RUN}[whole]",
    ),
    Guard(
        "usage that can't be true is not believed",
        "promptready/providers.py",
        "    if prompt * LONGEST_TOKEN_BYTES < sent_bytes or output * LONGEST_TOKEN_BYTES < received_bytes:\n"
        "        return None\n",
        "",
        "tests/test_providers.py::test_usage_that_can_not_be_true_is_not_believed",
    ),
    Guard(
        "an unknown price refuses the catalog",
        "promptready/catalog.py",
        '        problems.append(f"{where}: {key} is missing, and an unknown price can\'t be held")',
        "        pass",
        "tests/test_catalog.py::test_a_catalog_that_can_not_be_served_is_refused",
    ),
    Guard(
        "without a key nobody is called",
        "promptready/routing.py",
        '            asking.faults.add("no_key")\n            return _Attempt(None, 0, "no_key")\n',
        "            key = None\n",
        "tests/test_routing.py::test_a_missing_key_calls_nobody_and_spends_nothing",
    ),
    Guard(
        "a call without time left is not made",
        "promptready/routing.py",
        "if asking.time_left_s <= SHORTEST_ATTEMPT_S:  # the hold",
        "if False:  # the hold",
        f"{FOUND}test_an_attempt_that_has_no_time_left_is_not_made_and_costs_nothing",
    ),
    # One document, many processes, lost replies.
    Guard(
        "a refusal is one change's own",
        "promptready/group_commit.py",
        "                refused.append((waiting, refusal))\n",
        "                raise refusal\n",
        f"{LOST}test_one_refusal_does_not_fail_its_neighbours",
    ),
    Guard(
        "a write is known by its writer's number",
        "promptready/group_commit.py",
        "if attempt.seq == landed_seq:",
        "if False:",
        f"{LOST}test_a_hold_whose_reply_was_lost_is_taken_once",
    ),
    Guard(
        "every write is signed",
        "promptready/group_commit.py",
        "signed = attempt.result.written_by(self._writer_id, attempt.seq, attempt.at)",
        "signed = attempt.result",
        f"{LOST}test_a_hold_that_landed_unseen_is_known_by_its_number_under_another_s_write",
    ),
    Guard(
        "nothing is answered without a write while one is in doubt",
        "promptready/group_commit.py",
        "if attempt.result == seen.budget and not self._in_doubt:",
        "if attempt.result == seen.budget:",
        f"{FOUND}test_a_settlement_in_doubt_is_not_applied_twice_when_a_new_hold_takes_the_same_amount",
    ),
    Guard(
        "a hold that lands for nobody is undone",
        "promptready/group_commit.py",
        "            elif waiting.undo is not None:\n                self.apply_later(waiting.undo(attempt.result))\n",
        "",
        f"{FOUND}test_money_held_by_a_write_that_lands_after_its_caller_has_left_goes_back",
    ),
    Guard(
        "a hold granted to a request called off goes back",
        "promptready/ledger.py",
        "        holding.add_done_callback(give_back)\n",
        "",
        f"{FOUND}test_a_hold_that_lands_while_its_request_is_called_off_goes_back",
    ),
    Guard(
        "nobody is refused on an old version",
        "promptready/group_commit.py",
        "if self._age_s(seen) > FRESH_FOR_S:",
        "if False:",
        f"{LOST}test_nobody_is_refused_on_an_old_version",
    ),
    Guard(
        "a winner reads again while there is a race",
        "promptready/group_commit.py",
        "if self._turns.is_contended(_loop_time()):",
        "if False:",
        "tests/faults/test_fairness.py::test_thirty_two_busy_processes_get_their_share",
    ),
    Guard(
        "those go first who have waited longer",
        "promptready/turns.py",
        "self._slot_s * (ahead + random.uniform(0, 1))",
        "self._slot_s * random.uniform(0, 1)",
        "tests/faults/test_fairness.py::test_thirty_two_busy_processes_get_their_share",
    ),
    Guard(
        "replace is guarded by the etag (SQLite)",
        "promptready/store/sqlite.py",
        " AND etag = ? AND",
        " AND (etag = ? OR 1) AND",
        "tests/test_store.py::test_only_the_version_seen_is_replaced[sqlite]",
    ),
    Guard(
        "replace is guarded by the etag (Cosmos DB)",
        "promptready/store/cosmos.py",
        ", etag=etag, match_condition=conditions.IfNotModified",
        "",
        "tests/test_store.py::test_only_the_version_seen_is_replaced[cosmos]",
    ),
    # Credits.
    Guard(
        "a credit is held before it is spent",
        "promptready/credits.py",
        "            if unpaid >= pruned.credits_remaining:\n",
        "            if False:\n",
        "tests/test_credits.py::test_one_credit_holds_one_request",
    ),
    Guard(
        "a user has few requests in flight",
        "promptready/credits.py",
        "if len(live) >= rules.max_live_holds:",
        "if False:",
        "tests/test_credits.py::test_a_user_has_at_most_three_requests_in_flight",
    ),
    Guard(
        "a lease ends",
        "promptready/credits.py",
        'return self.state == "held" and now - self.at < rules.hold_lease',
        'return self.state == "held"',
        "tests/test_credits.py::test_an_expired_hold_frees_its_credit",
    ),
    Guard(
        "a key is paid once",
        "promptready/credits.py",
        "price = 0 if held.is_paid else 1",
        "price = 1",
        "tests/test_credits.py::test_an_answered_key_runs_twice_more_for_free",
    ),
    Guard(
        "a key in flight is not run twice",
        "promptready/credits.py",
        "    if earlier.is_live(now, rules):\n",
        "    if False:\n",
        "tests/test_credits.py::test_the_same_key_in_flight_is_told_to_wait",
    ),
    Guard(
        "a key belongs to its content",
        "promptready/credits.py",
        "    if earlier.fingerprint != fingerprint:\n",
        "    if False:\n",
        "tests/test_credits.py::test_the_same_key_with_other_content_is_refused",
    ),
    Guard(
        "only the holder answers",
        "promptready/credits.py",
        'return request is not None and request.holder == holder and request.state == "held"',
        'return request is not None and request.state == "held"',
        "tests/test_credits.py::test_only_the_holder_can_answer_or_release",
    ),
    Guard(
        "a credit hold that landed unseen is recognised",
        "promptready/accounts.py",
        "                    if has_landed(account.user):\n                        return account\n",
        "",
        f"{LOST}test_a_credit_hold_that_landed_unseen_is_not_held_twice",
    ),
    Guard(
        "the first grant wins",
        "promptready/accounts.py",
        "return (await self.find(user.id)).user",
        "return user",
        f"{LOST}test_whoever_comes_second_is_told_the_first_one_s_cohort",
    ),
    Guard(
        "a lease outlasts the deadline",
        "promptready/settings.py",
        "if settings.hold_lease_s <= settings.request_deadline_s:",
        "if False:",
        "tests/test_settings.py::test_a_half_configured_app_does_not_start",
    ),
)
