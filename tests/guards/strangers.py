"""Every guard against strangers that the threat model names: as in `guards.py`."""

from tests.guards.guards import Guard

TESTS = "tests/security/"

STRANGERS = (
    # What strangers may take.
    Guard(
        "only the last forwarded address counts",
        "promptready/admission.py",
        'rsplit(",", 1)[-1]',
        'split(",", 1)[0]',
        f"{TESTS}test_admission.py::test_nothing_a_client_writes_before_the_last_address_changes_its_network",
    ),
    Guard(
        "newcomers spend no more than their share",
        "promptready/budget.py",
        "or self.newcomers_nanousd + amount_nanousd <= share_nanousd",
        "or True",
        "tests/test_trial.py::test_what_newcomers_may_not_spend_is_left_for_users_of_earlier_weeks[sqlite]",
    ),
    Guard(
        "a newcomer's hold counts against the share",
        "promptready/budget.py",
        "return replace(held, newcomers_nanousd=self.newcomers_nanousd + amount_nanousd)",
        "return held",
        "tests/test_budget.py::test_newcomers_are_refused_at_their_share_and_others_are_not",
    ),
    Guard(
        "who came this week is a newcomer",
        "promptready/trial.py",
        "if account.user.is_newcomer(self._clock()):",
        "if False:",
        "tests/test_trial.py::test_a_newcomer_is_one_for_the_week_and_nobody_is_whose_day_was_not_kept[sqlite]",
    ),
    Guard(
        "IPv6 counts by site",
        "promptready/admission.py",
        "IPV6_SITE_BITS = 64",
        "IPV6_SITE_BITS = 128",
        f"{TESTS}test_admission.py::test_all_addresses_of_an_ipv6_site_are_one_network",
    ),
    Guard(
        "a network brings no more than its new users",
        "promptready/admission.py",
        "if len(self.users) >= most:",
        "if False:",
        f"{TESTS}test_admission.py::test_a_user_counts_once_and_the_next_network_is_free[sqlite]",
    ),
    Guard(
        "arrivals name neither address nor user",
        "promptready/admission.py",
        'user = self._pseudonyms.of("arrival", user_id)',
        "user = user_id",
        f"{TESTS}test_admission.py::test_what_is_kept_names_neither_address_nor_user[sqlite]",
    ),
    Guard(
        "billed failures end",
        "promptready/credits.py",
        "if len(pruned.billed_failures) >= MAX_BILLED_FAILURES:",
        "if False:",
        f"{TESTS}test_cost_attacks.py::test_failures_that_were_billed_do_not_go_on_for_ever[sandbox/truncated]",
    ),
    # What providers and pages may do.
    Guard(
        "a page can't spell its own marks",
        "promptready/prompt.py",
        '    if not _ANY_MARK.search(content):\n        return "page"\n',
        '    return "page"\n',
        f"{TESTS}test_injections.py::test_an_order_stays_inside_the_marks[the page ends itself]",
    ),
    Guard(
        "a thought is looked for at the start alone",
        "promptready/prompt.py",
        "(thought := _LEADING_THOUGHT.match(text))",
        "(thought := _LEADING_THOUGHT.search(text))",
        f"{TESTS}test_hostile_provider.py::test_a_thought_without_an_end_is_passed_over_at_once",
    ),
    Guard(
        "a wait is cut to a day",
        "promptready/providers.py",
        "return min(max(0.0, wait_s), LONGEST_RETRY_AFTER_S)",
        "return max(0.0, wait_s)",
        f"{TESTS}test_hostile_provider.py::test_a_wait_without_end_is_cut_to_a_day[inf]",
    ),
    Guard(
        "half characters are replaced",
        "promptready/providers.py",
        'return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")',
        "return text",
        f"{TESTS}test_hostile_provider.py::test_half_a_character_becomes_a_replacement_mark",
    ),
    Guard(
        "a reply is cut at its limit",
        "promptready/providers.py",
        "if len(raw) > MAX_REPLY_BYTES:",
        "if len(raw) > 50 * MAX_REPLY_BYTES:",
        f"{TESTS}test_hostile_provider.py::test_a_reply_that_does_not_end_is_cut_at_its_limit",
    ),
    Guard(
        "packed replies are not unpacked",
        "promptready/providers.py",
        "async for chunk in response.stream:",
        "async for chunk in response.aiter_bytes():",
        f"{TESTS}test_hostile_provider.py::test_replies_are_asked_for_unpacked_and_never_unpacked",
    ),
    Guard(
        "a provider's text stays out of telemetry",
        "promptready/routing.py",
        "_MODEL_NAME.fullmatch(self.model_returned) and ",
        "",
        f"{TESTS}test_hostile_provider.py::test_text_before_the_model_s_name_does_not_reach_telemetry",
    ),
    Guard(
        "keys travel by https",
        "promptready/catalog.py",
        'parts.scheme == "http" and host in LOOPBACK',
        'parts.scheme == "http"',
        f"{TESTS}test_config_parsers.py::test_a_key_is_never_sent_in_the_clear[http://api.groq.com]",
    ),
    Guard(
        "a route's params stay within its hold",
        "promptready/catalog.py",
        "or reserved & params.keys()",
        "",
        f"{TESTS}test_config_parsers.py::test_a_route_s_params_can_not_outgrow_its_hold[n = 5]",
    ),
    Guard(
        "a body is bounded",
        "promptready/http.py",
        "if len(incoming.body) > self._max_body_bytes:",
        "if False:",
        f"{TESTS}test_api_fuzz.py::test_a_body_over_the_limit_is_refused_before_it_is_read_as_json[32769]",
    ),
    Guard(
        "refusals quote nothing",
        "promptready/wire.py",
        "raise InvalidRequest(_sentence(exc)) from None",
        "raise InvalidRequest(str(exc)) from None",
        f"{TESTS}test_api_fuzz.py::test_no_value_that_was_sent_comes_back_in_an_error",
    ),
)
