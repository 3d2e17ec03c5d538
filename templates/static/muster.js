// Starts the Design System's behaviour: error summary focus, no double submission, skip link, password toggle.
import { initAll } from "/static/vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
