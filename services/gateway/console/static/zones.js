// Times that people type are those of the desk, as all that are shown, wherever their own machine thinks it is.
const shownIn = (zone) => {
  const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
  const format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", { ...parts, hourCycle: "h23", timeZone: zone });
  return (at) => {
    const { year, month, day, hour, minute, second } = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
};

// "2026-03-29T10:00" on the zone's clocks, in milliseconds since 1970
export function instant(text, zone) {
  const wanted = Date.parse(`${text}Z`);
  const shown = shownIn(zone);
  const near = wanted - (shown(wanted) - wanted);
  // where the clocks are changed in between, the second look is right
  return near - (shown(near) - wanted);
}
