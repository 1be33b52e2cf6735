// Paper shows what is folded, and folds it again; at its foot stands the page's address.
(function () {
  "use strict";

  var FOLDED = "article details:not(.tr-twin, [open])";
  var opened = [];
  var foot = null;

  function address() {
    var canonical = document.querySelector('link[rel="canonical"]');
    return canonical ? canonical.href : window.location.href.split("#")[0];
  }

  // A text as CSS writes it: whatever could end it, or start an escape, is written by its number.
  function quoted(text) {
    return '"' + text.replace(/["\\\n\r\f<]/g, function (sign) {
      return "\\" + sign.charCodeAt(0).toString(16) + " ";
    }) + '"';
  }

  function before() {
    opened = Array.from(document.querySelectorAll(FOLDED));
    opened.forEach(function (box) {
      box.open = true;
    });
    foot = foot || document.head.appendChild(document.createElement("style"));
    foot.textContent = "@page { @bottom-left { content: " + quoted(address()) + " } }";
  }

  function after() {
    opened.forEach(function (box) {
      box.open = false;
    });
    opened = [];
  }

  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
})();
