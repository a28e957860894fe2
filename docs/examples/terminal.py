"""A channel in thirty lines: whoever sits at this terminal is a customer. It needs nothing but Python."""

import base64, hmac, json, os, sys, threading, time, urllib.request, uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DESK, TOKEN, PORT = os.environ["DESK"], os.environ["TOKEN"], int(os.environ["PORT"])
SECRET = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
SHOWN = set()  # a real channel keeps these ids beside its messages


def bring(key, thread, text):
    """A customer said something. Where this fails, call it again with the same key: it is heard once."""
    body = json.dumps({"thread": thread, "text": text}).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{DESK}/messages", body, headers), timeout=15) as answer:
        return json.load(answer)


class Hooks(BaseHTTPRequestHandler):
    """The desk said something. Whoever cannot sign it is not the desk; what was shown is not shown again."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        right = base64.b64encode(hmac.digest(SECRET, f"{id}.{at}.".encode() + body, "sha256")).decode()
        signed = any(hmac.compare_digest(one, f"v1,{right}") for one in self.headers["webhook-signature"].split())
        is_ours = signed and abs(time.time() - int(at)) < 300
        said = json.loads(body) if is_ours else {"type": ""}
        if said["type"] == "message.created" and id not in SHOWN:
            print(f"{said['data']['ticket']['thread']} < {said['data']['message']['text']}", flush=True)
            SHOWN.add(id)
        self.send_response(204 if is_ours else 401)
        self.end_headers()


if __name__ == "__main__":
    threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", PORT), Hooks).serve_forever, daemon=True).start()
    for line in sys.stdin:
        print(f"terminal > kept as {bring(str(uuid.uuid4()), 'terminal', line.strip())['id']}", flush=True)
