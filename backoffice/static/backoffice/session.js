// Warns a few minutes before a session ends, and lets people send what they have typed after it has ended.
// Without this script, sessions simply end.
(function () {
  "use strict";

  var script = document.currentScript;
  var WARN_BEFORE = 5 * 60; // seconds
  var POLL_EVERY = 20; // seconds
  var nextPoll = Date.now() + 60 * 1000;
  var notice = null;
  var isAtLimit = false; // whether clicks no longer prolong the session

  function token() {
    var found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? found[1] : "";
  }

  // After signing in again in another tab, this page's form tokens are no longer valid.
  function refreshTokens() {
    if (!token()) return;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) { input.value = token(); });
  }

  function make(name, words, parent) {
    var element = document.createElement(name);
    element.textContent = words;
    parent.appendChild(element);
    return element;
  }

  // What lies outside an open dialog can be neither seen nor pressed.
  function place() {
    var parent = document.querySelector("dialog[open]") || document.body;
    if (notice && notice.parentNode !== parent) parent.appendChild(notice);
  }

  function show(words, addAction) {
    if (notice && notice.dataset.words === words) return;
    hide();
    notice = document.createElement("div");
    notice.className = "session-end";
    notice.setAttribute("role", "alert");
    notice.dataset.words = words;
    make("p", words, notice);
    place();
    addAction(notice);
  }

  function hide() {
    if (notice) notice.remove();
    notice = null;
  }

  function addStay(parent) {
    var button = make("button", "Stay signed in", parent);
    button.type = "button";
    button.className = "button";
    button.addEventListener("click", function () { ask("POST"); });
  }

  function addSignIn(parent) {
    var link = make("a", "Sign in again in a new tab", parent);
    link.href = script.dataset.signIn;
    link.target = "_blank";
    link.rel = "noopener";
    link.className = "button";
  }

  function answer(seconds, wasAskedToStay) {
    nextPoll = Date.now() + Math.max(seconds - WARN_BEFORE, POLL_EVERY) * 1000;
    if (seconds > WARN_BEFORE) {
      refreshTokens();
      return hide();
    }
    if (seconds <= 0) {
      return show("You have been signed out. What you typed is still here: sign in again, then come back and send it.", addSignIn);
    }
    var minutes = Math.ceil(seconds / 60);
    var words = "You will be signed out in " + minutes + (minutes === 1 ? " minute" : " minutes");
    if (wasAskedToStay) isAtLimit = true;
    if (isAtLimit) return show(words + ", the longest a session lasts. Send what you have typed before then.", function () {});
    show(words + ": you have not clicked for a while.", addStay);
  }

  function ask(method) {
    nextPoll = Date.now() + POLL_EVERY * 1000;
    fetch(script.dataset.session, { method: method, headers: { "X-CSRFToken": token() }, credentials: "same-origin" })
      .then(function (response) { return response.json(); })
      .then(function (told) { answer(told.seconds, method === "POST"); })
      .catch(function () {}); // no network at the moment: asked again at the next poll
  }

  function poll() {
    if (Date.now() >= nextPoll) ask("GET");
  }

  setInterval(poll, POLL_EVERY * 1000);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "visible" && notice) ask("GET");
  });
  ["toggle", "close"].forEach(function (name) { document.addEventListener(name, place, true); });
  document.addEventListener("submit", refreshTokens, true);
  document.addEventListener("htmx:confirm", refreshTokens);
  document.addEventListener("backoffice:asks", refreshTokens);
})();
