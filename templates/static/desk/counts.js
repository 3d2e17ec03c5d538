// Puts newer counts above the page for as long as the server can be heard. Without it a reload brings them.

const counts = document.getElementById("counts");
const AGAIN = 10_000; // milliseconds, after an answer that was no stream, as when a session has ended

function listen() {
  const stream = new EventSource(counts.dataset.live);
  stream.onmessage = ({ data }) => {
    const { html } = JSON.parse(data);
    if (counts.innerHTML !== html && !counts.contains(document.activeElement)) counts.innerHTML = html;
  };
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
  };
  addEventListener("pagehide", () => stream.close(), { once: true });
}

if (counts) listen();
addEventListener("pageshow", ({ persisted }) => persisted && counts && listen());
