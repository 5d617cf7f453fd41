// Starts those of Wagtail's fields that Wagtail itself starts by scripts in the page (directory_site/cms/widget_scripts.py).
(function () {
  "use strict";

  var FUNCTIONS = /^(init(Date|Time|DateTime)Chooser|createTaskChooser)$/;
  var CLASSES = /^((Inline|MultipleChooser)Panel|\w*Chooser)$/;

  function start(field) {
    var name = field.dataset.widgetInit;
    var values = field.dataset.id ? [field.dataset.id] : [];
    if (field.dataset.options) values.push(JSON.parse(field.dataset.options));
    field.remove();
    if (FUNCTIONS.test(name)) window[name].apply(window, values);
    else if (CLASSES.test(name)) Reflect.construct(window[name], values);
  }

  function startAll() {
    document.querySelectorAll("[data-widget-init]").forEach(start);
  }

  document.addEventListener("DOMContentLoaded", function () {
    startAll();
    // Dialogs and rows that are added bring fields of their own.
    new MutationObserver(startAll).observe(document.body, { childList: true, subtree: true });
  });
})();
