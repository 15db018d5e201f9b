// A Cosmos DB in memory for the store's tests: npm's @vercel/cosmosdb-server, repaired where our store would notice
// the difference, and able to fail in the ways the real service fails.
//
//   node cosmos-emulator.cjs [PORT]       PORT 0, the default, picks a free one; the first line of output names it
//
// It listens on loopback and ends when standard input does, so it cannot outlive a test that was killed.
//
//   POST /_faults   {"method": "PUT", "how": "drop" | "hang" | STATUS, "afterCommit": bool, "times": 1, "headers": {}}
//   GET  /_writes   the methods and paths of all document writes that arrived, in order
//   POST /_reset    forget faults and writes; documents stay
"use strict";

const { randomUUID } = require("node:crypto");
const { dirname, join } = require("node:path");

const library = dirname(require.resolve("@vercel/cosmosdb-server"));
const load = (path) => require(join(library, path));

const SUBSTATUS_OWNER_NOT_FOUND = "1003";
const DOCUMENTS = /^\/dbs\/[^/]+\/colls\/[^/]+\/docs(\/|$)/;

repairMissingThings();
repairEtags();
serve(Number(process.argv[2] ?? 0));

/** A missing document or container is 404, as in Azure; the package answers 500. */
function repairMissingThings() {
  const { parsePartitionKey, default: partitionOf } = load("utils/get-partition-from-header");
  const notFound = (res, message) => {
    res.statusCode = 404;
    return { code: "NotFound", message };
  };
  for (const name of ["read-document", "create-document", "upsert-document", "replace-document", "delete-document"]) {
    const handler = load(`handler/${name}`);
    const original = handler.default;
    handler.default = (account, req, res, params) => {
      const container = account.database(params.dbId).collection(params.collId);
      if (!container.read()) {
        res.setHeader("x-ms-substatus", SUBSTATUS_OWNER_NOT_FOUND);
        return notFound(res, "Owner resource does not exist");
      }
      if (params.docId) {
        const key = parsePartitionKey(partitionOf(req), params.docId);
        if (!container.document(params.docId, key).read()) return notFound(res, "Entity does not exist");
      }
      return original(account, req, res, params);
    };
  }
}

/** Azure's etags are quoted strings, quotes included; whoever takes them apart must fail here too. */
function repairEtags() {
  const { prototype } = load("account/items").default;
  const original = prototype._set;
  prototype._set = function (data) {
    return original.call(this, { ...data, _etag: `"${randomUUID()}"` });
  };
}

function serve(port) {
  // Without keepAlive it closes every connection, which costs two to three times its speed.
  const server = load("index").createHttpServer({ keepAlive: true });
  const [answer] = server.listeners("request");
  const state = { faults: [], writes: [] };
  server.removeAllListeners("request");
  server.on("request", (req, res) => {
    if (req.url.startsWith("/_")) return control(state, req, res);
    if (DOCUMENTS.test(req.url) && req.method !== "GET" && !isQuery(req)) state.writes.push(`${req.method} ${req.url}`);
    const fault = takeFault(state, req);
    if (!fault) return answer(req, res);
    if (!fault.afterCommit) return fail(fault, req, res);
    // The real handler does the work on a response whose end is ours, so the write is there and its answer is not.
    const end = res.end;
    res.end = () => {
      res.end = end;
      fail(fault, req, res);
    };
    return answer(req, res);
  });
  process.stdin.resume().on("end", () => process.exit(0));
  server.listen(port, "127.0.0.1", () => console.log(`ready on http://127.0.0.1:${server.address().port}`));
}

function isQuery(req) {
  return req.headers["x-ms-documentdb-isquery"]?.toLowerCase() === "true";
}

/** The next fault meant for this request, used up by it. Faults only ever hit documents. */
function takeFault(state, req) {
  if (!DOCUMENTS.test(req.url)) return undefined;
  const fault = state.faults.find(({ method, times }) => times > 0 && (method === "*" || method === req.method));
  if (fault) fault.times -= 1;
  return fault;
}

function fail({ how, headers }, req, res) {
  if (how === "hang") return;
  if (how === "drop") {
    req.socket.destroy();
    return;
  }
  res.removeHeader("etag");
  res.writeHead(how, { "content-type": "application/json", ...headers });
  res.end(JSON.stringify({ code: String(how), message: "made to fail" }));
}

async function control(state, req, res) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const reply = (document) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(JSON.stringify(document));
  };
  switch (`${req.method} ${req.url}`) {
    case "POST /_faults":
      state.faults.push({ times: 1, afterCommit: false, headers: {}, ...JSON.parse(Buffer.concat(chunks).toString()) });
      return reply({});
    case "GET /_writes":
      return reply(state.writes);
    case "POST /_reset":
      state.faults = [];
      state.writes = [];
      return reply({});
    default:
      res.writeHead(404);
      res.end();
  }
}
