// Moments as a person in a given zone and language reads them, and Slack's <!date^…> format words.

const formats = new Map();

function format(person, options) {
  const key = `${person?.locale}|${person?.tz}|${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    const zone = person?.tz ? { timeZone: person.tz } : {};
    formats.set(key, new Intl.DateTimeFormat(person?.locale ?? undefined, { ...options, ...zone }));
  }
  return formats.get(key);
}

const at = (seconds) => new Date(Number(seconds) * 1000);

/** "14:05" in the person's zone. `seconds` may be a Slack ts. */
export const clock = (seconds, person) => format(person, { hour: "numeric", minute: "2-digit" }).format(at(seconds));

/** "2026-11-22" in the person's zone: a key for grouping by day. */
export const dayKey = (seconds, person) =>
  format({ ...person, locale: "en-CA" }, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at(seconds));

/** "Today", "Yesterday" or "Sunday, 22 November". */
export function dayName(seconds, person) {
  const near = nearDay(seconds, person);
  return near
    ? near[0].toUpperCase() + near.slice(1)
    : format(person, { weekday: "long", day: "numeric", month: "long" }).format(at(seconds));
}

export const fullMoment = (seconds, person) =>
  format(person, { dateStyle: "full", timeStyle: "long" }).format(at(seconds));

/** "Today at 14:05" or "Sunday, 22 November at 14:05". */
export const dayAndClock = (seconds, person) => `${dayName(seconds, person)} at ${clock(seconds, person)}`;

// "today", "tomorrow" and "yesterday" in the person's language, else null.
function nearDay(seconds, person) {
  const apart = Math.round(
    (Date.parse(dayKey(seconds, person)) - Date.parse(dayKey(Date.now() / 1000, person))) / 86400000,
  );
  if (Math.abs(apart) > 1) return null;
  return new Intl.RelativeTimeFormat(person?.locale ?? undefined, { numeric: "auto" }).format(apart, "day");
}

function ago(seconds, person) {
  const words = new Intl.RelativeTimeFormat(person?.locale ?? undefined, { numeric: "auto" });
  const past = Number(seconds) - Date.now() / 1000;
  for (const [unit, size] of [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    if (Math.abs(past) >= size) return words.format(Math.round(past / size), unit);
  }
  return words.format(Math.round(past), "second");
}

const WORDS = {
  date_num: (s, p) => dayKey(s, p),
  date_slash: (s, p) => format(p, { dateStyle: "short" }).format(at(s)),
  date_long: (s, p) => format(p, { weekday: "long", year: "numeric", month: "long", day: "numeric" }).format(at(s)),
  date_long_full: (s, p) =>
    format(p, { weekday: "long", year: "numeric", month: "long", day: "numeric" }).format(at(s)),
  date_short: (s, p) => format(p, { year: "numeric", month: "short", day: "numeric" }).format(at(s)),
  date: (s, p) => format(p, { year: "numeric", month: "long", day: "numeric" }).format(at(s)),
  day_divider_pretty: (s, p) => dayName(s, p),
  time: (s, p) => clock(s, p),
  time_secs: (s, p) => format(p, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(at(s)),
  ago: (s, p) => ago(s, p),
};

/** Slack's format string filled in; `_pretty` words become yesterday, today, tomorrow where they fit. */
export function slackDate(seconds, words, person) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => {
    const pretty = name.endsWith("_pretty") && WORDS[name] === undefined;
    if (pretty && nearDay(seconds, person)) return nearDay(seconds, person);
    const write = WORDS[pretty ? name.replace(/_pretty$/, "") : name];
    return write ? write(seconds, person) : whole;
  });
}

/** "2026-11-22T14:05" of a moment in the person's zone, as a datetime-local input takes it. */
export function localInput(seconds, person) {
  return `${dayKey(seconds, person)}T${format({ ...person, locale: "en-GB" }, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at(seconds))}`;
}

/** The moment (epoch seconds) that a datetime-local value means in the person's zone; null for an empty one. */
export function fromLocalInput(value, person) {
  if (!value) return null;
  const guess = Date.parse(`${value}:00Z`) / 1000;
  let moment = guess;
  for (let turn = 0; turn < 2; turn += 1) {
    const shown = Date.parse(`${localInput(moment, person)}:00Z`) / 1000;
    moment += guess - shown;
  }
  return moment;
}

/** How a mail list tells a time: the clock today, the day otherwise. */
export function briefly(iso) {
  const seconds = Date.parse(iso) / 1000;
  if (dayKey(seconds) === dayKey(Date.now() / 1000)) return clock(seconds);
  return format(undefined, { day: "numeric", month: "short" }).format(at(seconds));
}
