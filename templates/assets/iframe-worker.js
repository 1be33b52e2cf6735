/*
 * The search of the theme runs in a Web Worker, which browsers refuse to start for a page opened
 * from a folder (file://). There, and only there, a hidden frame takes the worker's place: the
 * script runs in it, and messages go to and fro. Nothing is loaded from outside.
 *
 * The theme looks for the name IFrameWorker, and for "iframe-worker" in this file's name.
 */
(function () {
  "use strict";
  if (location.protocol !== "file:") return;

  const PRELUDE = `
    postMessage = function (data) { frameElement.worker.receive(data); };
    importScripts = function (...urls) {
      return urls.reduce((before, url) => before.then(() => new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = done;
        script.onerror = failed;
        document.body.appendChild(script);
      })), Promise.resolve());
    };`;

  class IFrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.onmessage = this.onmessageerror = this.onerror = null;
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      this.frame.worker = this;
      document.body.appendChild(this.frame);
      this.ready = new Promise((done) => this.start(new URL(url, location.href), done));
    }

    start(url, done) {
      const inside = this.frame.contentWindow.document;
      inside.open();
      inside.write("<!doctype html><body></body>");
      inside.close();
      const prelude = inside.createElement("script");
      prelude.textContent = PRELUDE;
      inside.body.appendChild(prelude);
      const script = inside.createElement("script");
      script.src = url;
      script.onload = done;
      script.onerror = () => this.tell(new ErrorEvent("error", { message: "cannot load " + url }));
      inside.body.appendChild(script);
    }

    postMessage(data) {
      this.ready.then(() => {
        const scope = this.frame.contentWindow;
        if (scope) scope.dispatchEvent(new scope.MessageEvent("message", { data }));
      });
    }

    receive(data) {
      setTimeout(() => this.tell(new MessageEvent("message", { data })));
    }

    tell(event) {
      this.dispatchEvent(event);
      const handler = this["on" + event.type];
      if (typeof handler === "function") handler.call(this, event);
    }

    terminate() {
      this.frame.remove();
    }
  }

  window.IFrameWorker = window.Worker = IFrameWorker;
})();
