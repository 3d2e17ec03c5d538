// Starts the Design System's behaviour: error summary focus, no double submission, skip link, password toggle.
import { initAll } from "/static/vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// Exit this page, by button, link or three times Shift, covers the page and leaves: what was entered goes with it.
if (document.querySelector(".govuk-exit-this-page")) {
  const covered = "govuk-exit-this-page-hide-content";
  new MutationObserver(() => {
    if (document.body.classList.contains(covered)) navigator.sendBeacon("/exit");
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
}
