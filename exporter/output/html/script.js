// Keeps the page current, filters without a reload, and copies commands. Everything can be read without it.
"use strict";
(() => {
  const EVERY = 30000; // milliseconds between two updates: as often as the exporter evaluates a quiet cluster
  const root = document.documentElement;
  const live = root.hasAttribute("data-live");
  let request = null;

  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || "" : "");
  const alike = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName;

  // What the reader has done stays: details that are open, what is being typed.
  function syncAttributes(old, fresh) {
    const mine = (name) => (old.nodeName === "DETAILS" && name === "open") || (old === document.activeElement && name === "value");
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !mine(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !mine(name)) old.setAttribute(name, value);
    }
  }

  function sync(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    syncAttributes(old, fresh);
    syncChildren(old, fresh);
  }

  // Elements with a key are moved rather than rewritten, so that focus and open details stay with what they belong to.
  function syncChildren(old, fresh) {
    const wanted = new Set([...fresh.childNodes].map(keyOf));
    const keyed = new Map();
    for (const child of [...old.childNodes]) {
      const key = keyOf(child);
      if (key && !wanted.has(key)) child.remove();
      else if (key) keyed.set(key, child);
    }
    let next = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const key = keyOf(child);
      let match = key ? keyed.get(key) : next;
      if (!match || !alike(match, child) || (!key && keyOf(match))) match = null;
      if (match && match === next) next = next.nextSibling;
      else old.insertBefore((match = match || document.importNode(child, true)), next);
      sync(match, child);
    }
    while (next) {
      const rest = next.nextSibling;
      next.remove();
      next = rest;
    }
  }

  function adopt(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const main = fresh.querySelector("main");
    if (!main) throw new Error("no page");
    const focused = document.activeElement;
    document.title = fresh.title;
    sync(document.querySelector("main"), main);
    if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  }

  function tell(words) {
    const status = document.getElementById("connection");
    if (status.textContent !== words) status.textContent = words;
    status.hidden = !words;
  }

  // A newer request replaces one that is under way, so that an old answer never overwrites a new one.
  async function load(url) {
    if (request) request.abort();
    const mine = (request = new AbortController());
    try {
      const answer = await fetch(url, { signal: mine.signal, cache: "no-store", credentials: "same-origin" });
      const text = await answer.text();
      if (mine.signal.aborted) return false;
      if (!answer.ok && answer.status !== 404) throw new Error(`${answer.status}`);
      adopt(text);
      tell("");
      return true;
    } catch (error) {
      if (mine.signal.aborted) return false;
      tell("Not updated: the exporter does not answer. What you see may be old; it is tried again.");
      return false;
    } finally {
      if (request === mine) request = null;
    }
  }

  async function visit(url, replace) {
    if (url.origin !== location.origin) return;
    history[replace ? "replaceState" : "pushState"](null, "", url);
    if (!(await load(url.href)) && !request) location.assign(url.href);
  }

  function formURL(form) {
    const url = new URL(form.action, location.href);
    url.search = "";
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
    return url;
  }

  async function copy(button) {
    const pre = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      getSelection().selectAllChildren(pre);
      document.execCommand("copy"); // pages that are not served by HTTPS have no clipboard
    }
    const label = button.firstChild;
    label.nodeValue = "Copied";
    setTimeout(() => (label.nodeValue = "Copy"), 2000);
  }

  function openTarget() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.nodeName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  }

  root.classList.add("scripted");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
    const link = event.target.closest("a[data-soft]");
    if (!link || !live || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    visit(new URL(link.href), false);
  });
  addEventListener("hashchange", openTarget);
  openTarget();
  if (!live) return;

  let typing = 0;
  const submit = (form, replace) => (clearTimeout(typing), visit(formURL(form), replace));
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-soft]")) return;
    event.preventDefault();
    submit(event.target, false);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !form.matches("form[data-soft]")) return;
    clearTimeout(typing);
    typing = setTimeout(submit, event.target.type === "search" ? 250 : 0, form, true);
  });
  addEventListener("popstate", () => load(location.href));
  const update = () => document.hidden || request || load(location.href);
  setInterval(update, EVERY);
  document.addEventListener("visibilitychange", update);
})();
