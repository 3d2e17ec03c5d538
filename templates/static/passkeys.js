// Passkeys: asks the browser for one when the button is pressed, and sends its answer with the form around. Where the
// browser cannot, the page stays as it was sent, and says what to do instead.
const part = document.querySelector("[data-passkey]");
const button = part.querySelector("button");
const failed = part.querySelector("[data-passkey-failed]");
const form = part.closest("form");
const making = part.dataset.passkey === "create";

const FAILED = {
  create: "No passkey was made: it was cancelled, or took too long. Try again.",
  get: "No passkey was used: it was cancelled, took too long, or none of yours is here. Try again, or enter a code.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "The browser allows no passkey at this address. Open the site by the address in your emails.",
};

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function asked() {
  const options = JSON.parse(part.dataset.asked);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) {
    known.id = bytes(known.id);
  }
  return { publicKey: options };
}

function said(credential) {
  const { response } = credential;
  const parts = making ? ["clientDataJSON", "attestationObject"] : ["clientDataJSON", "authenticatorData", "signature"];
  const answer = Object.fromEntries(parts.map((name) => [name, text(response[name])]));
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer });
}

function say(error) {
  failed.textContent = FAILED[error.name] ?? FAILED[part.dataset.passkey];
  failed.hidden = false;
  part.classList.add("govuk-form-group--error");
}

async function use() {
  button.disabled = true; // one question at a time
  failed.hidden = true;
  try {
    const credential = await navigator.credentials[making ? "create" : "get"](asked());
    part.querySelector("input").value = said(credential);
    form.submit();
  } catch (error) {
    say(error);
  } finally {
    button.disabled = false;
  }
}

function isNamed() {
  return form.elements.name.value.trim() !== "";
}

if (window.PublicKeyCredential && navigator.credentials) {
  button.hidden = false;
  part.querySelector("[data-passkey-cannot]").hidden = true;
  button.addEventListener("click", () => (making && !isNamed() ? form.submit() : use()));
  if (making) {
    form.addEventListener("submit", (event) => {
      if (!isNamed()) return; // the server says what is missing
      event.preventDefault();
      use();
    });
  }
}
