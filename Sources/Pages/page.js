(() => {
  const page = document.documentElement, live = document.getElementById("live"), clock = document.getElementById("clock");
  const isBusy = () => document.hidden || String(getSelection()) !== ""
    || document.activeElement?.matches("input, select, textarea, pre");
  const place = () => {
    const focus = document.activeElement, main = document.getElementById("main");
    if (!main.contains(focus) || focus === main) return -1;
    return [...main.querySelectorAll("a, button, [tabindex]")].indexOf(focus);
  };
  const show = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const main = document.getElementById("main"), focus = place();
    const scrolled = [...main.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    main.replaceChildren(...fresh.getElementById("main").childNodes);
    main.querySelectorAll(".scroll").forEach((box, index) => { box.scrollLeft = scrolled[index] ?? 0; });
    if (focus >= 0) main.querySelectorAll("a, button, [tabindex]")[focus]?.focus({ preventScroll: true });
    document.title = fresh.title;
    page.dataset.tag = fresh.documentElement.dataset.tag;
  };
  const refresh = async () => {
    if (isBusy()) return;
    try {
      const answer = await fetch(location.href, { headers: { "If-None-Match": page.dataset.tag }, cache: "no-store",
        signal: AbortSignal.timeout(4000) });
      if (answer.status === 200) show(await answer.text());
      else if (answer.status !== 304) throw new Error(answer.status);
      live.className = "live";
      clock.textContent = new Date(answer.headers.get("Date")).toISOString().slice(11, 19) + " UTC";
    } catch {
      live.className = "live lost";
      if (!clock.textContent.startsWith("no answer")) clock.textContent = "no answer since " + clock.textContent;
    }
  };
  document.querySelectorAll(".scroll:has(.now)").forEach((box) => {
    box.scrollLeft = box.querySelector(".now").getBoundingClientRect().left - box.getBoundingClientRect().left - box.clientWidth / 2;
  });
  setInterval(refresh, 5000);
  document.addEventListener("visibilitychange", refresh);
})();
