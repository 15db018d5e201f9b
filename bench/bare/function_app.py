"""What the framework costs without us: the same call to the provider, and no ledger, cohort, check or event."""

import json
import os
from functools import cache

import azure.functions as func
import httpx

from promptready import prompt

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@cache
def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


@app.route(route="process-ai", methods=["POST"])
async def process_ai(req: func.HttpRequest) -> func.HttpResponse:
    """Pass a page's text on to the model and its answer back."""
    page = json.loads(req.get_body())
    body = {"model": os.environ["BARE_MODEL"], "messages": prompt.messages(page["content"])}
    reply = await _client().post(os.environ["BARE_URL"], json=body, headers={"authorization": "Bearer any"})
    answer = reply.json()["choices"][0]["message"]["content"]
    return func.HttpResponse(
        json.dumps({"status": "SUCCESS", "processed_content": answer}), mimetype="application/json"
    )
