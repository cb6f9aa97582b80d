(() => {
  const page = document.documentElement;
  const isBusy = () => document.hidden || String(getSelection()) || document.activeElement?.matches("input, select, pre");
  const stops = () => [...document.querySelectorAll("main :is(a, button, [tabindex])")];
  const show = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const main = document.getElementById("main"), focus = stops().indexOf(document.activeElement);
    const boxes = () => [...main.querySelectorAll(".scroll")], scrolled = boxes().map((box) => box.scrollLeft);
    main.replaceChildren(...fresh.getElementById("main").childNodes);
    boxes().forEach((box, index) => { box.scrollLeft = scrolled[index] ?? 0; });
    if (focus >= 0) stops()[focus]?.focus({ preventScroll: true });
    // Who is signed in may be somebody else by now.
    for (const part of ["header .meta", "footer"]) document.querySelector(part).replaceWith(fresh.querySelector(part));
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
      document.getElementById("live").className = "live";
      document.getElementById("clock").textContent = new Date(answer.headers.get("Date")).toISOString().slice(11, 19) + " UTC";
    } catch {
      const clock = document.getElementById("clock");
      document.getElementById("live").className = "live lost";
      if (!clock.textContent.startsWith("no answer")) clock.textContent = "no answer since " + clock.textContent;
    }
  };
  document.querySelectorAll(".scroll:has(.now)").forEach((box) => {
    box.scrollLeft = box.querySelector(".now").getBoundingClientRect().left - box.getBoundingClientRect().left - box.clientWidth / 2;
  });
  setInterval(refresh, 5000);
  document.addEventListener("visibilitychange", refresh);
})();
