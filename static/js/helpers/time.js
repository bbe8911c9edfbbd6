/** Times in the reader's words: "14:05" today, "Mon 14:05" within the week, else the date. */

/** The zone that the person chose; without one, the machine's. @type {string|undefined} */
let chosen_zone;

export function use_zone(zone) {
  try {
    chosen_zone =
      zone && zone !== "UTC"
        ? new Intl.DateTimeFormat("en", { timeZone: zone }) && zone
        : undefined;
  } catch {
    chosen_zone = undefined;
  }
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

export function short_time(iso, now = new Date(), zone = undefined) {
  const at = new Date(iso);
  const days = days_between(at, now, zone);
  const clock = format(at, CLOCK, zone);
  if (days === 0) return clock;
  if (days > 0 && days < 7) return `${format(at, { weekday: "short" }, zone)} ${clock}`;
  const same_year = year(at, zone) === year(now, zone);
  const date = { day: "numeric", month: "short", ...(same_year ? {} : { year: "numeric" }) };
  return format(at, date, zone);
}

export function full_time(iso, zone = undefined) {
  const date = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const at = new Date(iso);
  return `${plain(format(at, date, zone))}, ${format(at, CLOCK, zone)}`;
}

/** "Today", "Yesterday" or "Thursday 19 November". */
export function day_name(iso, now = new Date(), zone = undefined) {
  const at = new Date(iso);
  const days = days_between(at, now, zone);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const same_year = year(at, zone) === year(now, zone);
  const date = { weekday: "long", day: "numeric", month: "long" };
  return plain(format(at, same_year ? date : { ...date, year: "numeric" }, zone));
}

/** The reader's calendar day, as "2026-11-19". */
export function day_key(iso, zone = undefined) {
  return formatter("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }, zone).format(
    new Date(iso),
  );
}

/** How long until a short time may read differently: midnight of the reader's day. */
export function until_midnight_ms(now = new Date()) {
  const next = new Date(now);
  next.setHours(24, 0, 1, 0);
  return next - now;
}

function days_between(at, now, zone) {
  const day = (date) => Date.parse(day_key(date.toISOString(), zone));
  return Math.round((day(now) - day(at)) / 86_400_000);
}

function year(at, zone) {
  return format(at, { year: "numeric" }, zone);
}

const plain = (text) => text.replaceAll(",", "");

const format = (at, options, zone) => formatter("en-GB", options, zone).format(at);

const formatters = new Map();

function formatter(locale, options, zone = chosen_zone) {
  const name = locale + zone + JSON.stringify(options);
  if (!formatters.has(name)) {
    formatters.set(name, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }));
  }
  return formatters.get(name);
}

const CLOCK_ERROR_MS = 5_000;

/** How far this machine's clock is behind the server's. */
let behind_ms = 0;

/** @param {string|undefined} iso the time at the server when it wrote the page */
export function use_server_clock(iso) {
  const written = Date.parse(iso ?? "");
  // The page was on its way for a while: only a clock that is plainly wrong is put right.
  const off = written - performance.timeOrigin;
  behind_ms = Math.abs(off) > CLOCK_ERROR_MS ? off : 0;
}

export const server_now = () => new Date(Date.now() + (behind_ms || 0));
