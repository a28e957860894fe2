// Moments as they are told here: one clock, the browser's, everywhere; the page's own words in English, those of Slack's
// <!date^…> in the language of who reads them; on the Slack side in the reader's time zone.

const browser = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
const { language, region } = new Intl.Locale(browser.locale).maximize();
const HERE = language === "en" ? browser.locale : `en-${region}`;
const formats = new Map();

function format(person, options) {
  const key = `${person?.locale}|${person?.tz}|${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    const zone = person?.tz ? { timeZone: person.tz } : {};
    const clocked = options.hour || options.timeStyle ? { hourCycle: browser.hourCycle } : {};
    formats.set(key, new Intl.DateTimeFormat(person?.locale ?? HERE, { ...clocked, ...options, ...zone }));
  }
  return formats.get(key);
}

// The person's zone in the page's own words.
const zoneOf = (person) => ({ tz: person?.tz });

const at = (seconds) => new Date(Number(seconds) * 1000);

/** "14:05" or "2:05 PM" in the person's zone. `seconds` may be a Slack ts. */
export const clock = (seconds, person) =>
  format(zoneOf(person), { hour: "numeric", minute: "2-digit" }).format(at(seconds));

/** "2026-11-22" in the person's zone: a key for grouping by day. */
export const dayKey = (seconds, person) =>
  format({ ...person, locale: "en-CA" }, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at(seconds));

/** "Today", "Yesterday" or "Sunday, 22 November". */
export const dayName = (seconds, person) => dayIn(seconds, zoneOf(person));

function dayIn(seconds, person) {
  const near = nearDay(seconds, person);
  return near
    ? near[0].toUpperCase() + near.slice(1)
    : format(person, { weekday: "long", day: "numeric", month: "long" }).format(at(seconds));
}

export const fullMoment = (seconds, person) =>
  format(zoneOf(person), { dateStyle: "full", timeStyle: "long" }).format(at(seconds));

/** "today at 14:05" or "Sunday, 22 November at 14:05", within a sentence. */
export function dayAndClock(seconds, person) {
  const day = nearDay(seconds, zoneOf(person)) ?? dayName(seconds, person);
  return `${day} at ${clock(seconds, person)}`;
}

// "today", "tomorrow" and "yesterday" in the person's language, else null.
function nearDay(seconds, person) {
  const apart = Math.round(
    (Date.parse(dayKey(seconds, person)) - Date.parse(dayKey(Date.now() / 1000, person))) / 86400000,
  );
  if (Math.abs(apart) > 1) return null;
  return new Intl.RelativeTimeFormat(person?.locale ?? HERE, { numeric: "auto" }).format(apart, "day");
}

function ago(seconds, person) {
  const words = new Intl.RelativeTimeFormat(person?.locale ?? HERE, { numeric: "auto" });
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
  day_divider_pretty: (s, p) => dayIn(s, p),
  time: (s, p) => clock(s, p),
  time_secs: (s, p) => format(zoneOf(p), { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(at(s)),
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

/** "22 Nov 2026, 14:05" of a mail. */
export const mailMoment = (iso) =>
  format(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at(Date.parse(iso) / 1000));

/** How a mail list tells a time: the clock today, the day otherwise. */
export function briefly(iso) {
  const seconds = Date.parse(iso) / 1000;
  if (dayKey(seconds) === dayKey(Date.now() / 1000)) return clock(seconds);
  return format(undefined, { day: "numeric", month: "short" }).format(at(seconds));
}
