"""Guards of the extension: as in `guards.py`. The tests are vitest's, named `extension/FILE::NAME`."""

from tests.guards.guards import Guard

TESTS = "extension/tests/unit/"
FILE_NAME = f"{TESTS}popup/file-name.test.ts"
PRIVATE = f"{TESTS}orchestrator/private.test.ts"

EXTENSION = (
    # Who is heard, and who hears keys.
    Guard(
        "extension: scripts in pages are not heard",
        "extension/messages.ts",
        " || !sender.url?.startsWith(browser.runtime.getURL('/'))",
        "",
        f"{TESTS}handlers.test.ts::does not hear %s",
    ),
    Guard(
        "extension: other extensions are not heard",
        "extension/messages.ts",
        "sender.id !== browser.runtime.id || ",
        "",
        f"{TESTS}handlers.test.ts::does not hear %s",
    ),
    Guard(
        "extension: messages have a shape",
        "extension/messages.ts",
        "    if (!parsed.success) return\n",
        "    if (!parsed.success) parsed.output = message as never\n",
        f"{TESTS}handlers.test.ts::does not hear %o",
    ),
    Guard(
        "extension: a key is bound to its origin",
        "extension/ai/keys.ts",
        "return saved && new URL(saved.baseUrl).origin === new URL(baseUrl).origin ? saved.key : null",
        "return saved ? saved.key : null",
        f"{TESTS}keys.test.ts::is given for its own origin alone",
    ),
    Guard(
        "extension: no redirect takes a key along",
        "extension/ai/http.ts",
        "redirect: 'error'",
        "redirect: 'follow'",
        f"{TESTS}byok.test.ts::carries the key to no other address",
    ),
    Guard(
        "extension: a key goes out encrypted",
        "extension/handlers.ts",
        "  if (baseUrlProblem(baseUrl) !== null) return null\n",
        "",
        f"{TESTS}handlers.test.ts::is never sent to %o",
    ),
    Guard(
        "extension: a provider's key goes to the provider's address",
        "extension/handlers.ts",
        "providerOf(provider).baseUrl ?? asked.baseUrl ?? ''",
        "asked.baseUrl ?? providerOf(provider).baseUrl ?? ''",
        f"{TESTS}handlers.test.ts::cannot be sent to a built-in provider under another address",
    ),
    # What servers may do.
    Guard(
        "extension: replies are bounded",
        "extension/ai/http.ts",
        "if (bytes > maxBytes) {",
        "if (false) {",
        f"{TESTS}hostile-server.test.ts::a reply is read no further than it may be long",
    ),
    Guard(
        "extension: waits are bounded",
        "extension/ai/http.ts",
        "Math.min(seconds, LONGEST_WAIT_S) * 1000",
        "seconds * 1000",
        f"{TESTS}hostile-server.test.ts::asks to wait %s, and is believed within reason",
    ),
    # What pages may do.
    Guard(
        "extension: our pages run their own code alone",
        "extension/wxt.config.ts",
        "script-src 'self';",
        "script-src 'self' https:;",
        f"{TESTS}policy.test.ts::our pages run no code but their own, are framed by nobody and send no form",
    ),
    Guard(
        "extension: text goes in as text",
        "extension/cleaner/select/stated.ts",
        "element.textContent = text",
        "element.innerHTML = text",
        f"{TESTS}policy.test.ts::no line that is shipped takes a string for HTML",
    ),
    Guard(
        "extension: names of files name no folder",
        "extension/entrypoints/popup/file-name.ts",
        "filled.replace(FORBIDDEN, ' ')",
        "filled",
        f"{FILE_NAME}::names no folder, no device and no hidden file, whatever the page calls itself",
    ),
    Guard(
        "extension: names of files name no device",
        "extension/entrypoints/popup/file-name.ts",
        "${isReserved ? '_' : ''}",
        "",
        f"{FILE_NAME}::names no folder, no device and no hidden file, whatever the page calls itself",
    ),
    # What leaves the device.
    Guard(
        "extension: what is to be hidden is hidden before it is sent",
        "extension/orchestrator.ts",
        "return captured.privacy?.hides ? hide(text) : ",
        "return ",
        f"{PRIVATE}::is sent without what is hidden, and comes back with it, unchanged for the check",
    ),
    Guard(
        "extension: a private page is asked about before it is sent",
        "extension/orchestrator.ts",
        "captured.privacy === null ? privateCounts(sourceOf(captured)) : null",
        "null",
        f"{PRIVATE}::is not sent before the question about it is answered, and after the one where it goes",
    ),
)
