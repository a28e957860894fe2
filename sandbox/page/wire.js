// How the page speaks with the sandbox's server: one snapshot, one stream of changes, one action at a time.

/** The server said no; `code` is its word ("timeout" when the app did not answer within Slack's three seconds). */
export class Refusal extends Error {
  constructor(code, answer) {
    super(code);
    this.code = code;
    this.answer = answer;
  }
}

/** Do what a person does. Gives the action's result, or throws Refusal. */
export async function act(action, body = {}) {
  let response;
  try {
    response = await fetch(`/_sandbox/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new Refusal("sandbox_unreachable", { cause: String(error) });
  }
  const answer = await response.json().catch(() => ({ ok: false, error: `http_${response.status}` }));
  if (!answer.ok) throw new Refusal(answer.error ?? "unknown_error", answer);
  return answer.result ?? {};
}

const EVENTS = [
  "message",
  "message_deleted",
  "ephemeral",
  "ephemeral_gone",
  "views",
  "home",
  "room",
  "user",
  "mailbox",
  "mail",
  "phone",
  "group",
  "chat_message",
  "chat_message_deleted",
  "chat_action",
  "business",
  "shop",
  "shopper",
  "shop_said",
  "shop_hook",
  "view_errors",
  "faults",
  "time",
  "connected",
  "reset",
];

/**
 * Follow the server for ever. On each (re)connection the whole state is fetched and handed to `whole`; what happens while
 * it is on its way waits and is applied after it, so that no change is missed and the last word on a thing wins.
 */
export function follow({ whole, change, live }) {
  let waiting = null;
  let source;
  const refresh = async () => {
    waiting = [];
    try {
      const response = await fetch("/_sandbox/state");
      if (!response.ok) throw new Refusal(`http_${response.status}`);
      whole(await response.json());
      live(true);
      for (const [name, data] of waiting) change(name, data);
      waiting = null;
    } catch (error) {
      console.warn("The sandbox's state could not be read; trying again.", error);
      source.close();
      live(false);
      setTimeout(connect, 1500);
    }
  };
  const connect = () => {
    source = new EventSource("/_sandbox/stream");
    source.addEventListener("open", refresh);
    source.addEventListener("error", () => {
      live(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1500);
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        const data = JSON.parse(event.data);
        if (name === "reset") refresh();
        else if (waiting) waiting.push([name, data]);
        else change(name, data);
      });
    }
  };
  connect();
}

/** A File as the server takes it. */
export async function packed(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return { name: file.name, type: file.type || "application/octet-stream", base64: btoa(binary) };
}
