/* What only the visitor's clock knows: how long ago, in local time, and whether this page is older than it should be.
   The page is complete without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const staleAfter = Date.parse(root.dataset.staleAfter);
  const relative = new Intl.RelativeTimeFormat(root.lang);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  const day = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  const local = (instant, options) => new Intl.DateTimeFormat(root.lang, options).format(instant);

  const age = (instant) => {
    const minutes = Math.floor((Date.now() - instant) / 60000);
    const [size, unit] = minutes < 120 ? [1, "minute"] : minutes < 2880 ? [60, "hour"] : [1440, "day"];
    return relative.format(-Math.floor(minutes / size), unit);
  };

  for (const time of document.querySelectorAll("time[datetime*=T]")) {
    const instant = Date.parse(time.dateTime);
    const here = local(instant, clock);
    time.title = local(instant, { ...day, ...clock });
    if (time.closest("[data-local]") && !time.textContent.includes(here.slice(0, 5))) time.after(` (${here})`);
  }

  const tick = () => {
    for (const told of document.querySelectorAll("[data-ago]")) {
      const instant = Date.parse(told.dataset.ago);
      if (instant <= Date.now()) told.textContent = age(instant);
    }
    if (!(Date.now() > staleAfter)) return;
    for (const notice of document.querySelectorAll(".aged")) notice.hidden = false;
    for (const verdict of document.querySelectorAll(".verdict[data-live]")) {
      verdict.dataset.status = "nodata";
      verdict.querySelector("use").setAttribute("href", "#i-nodata");
    }
  };
  tick();
  setInterval(tick, 60000);
})();
