// Closes an open group of the desk's menu by Escape, by a click beside it, or once the focus has left it. Without this
// file it closes as it opened, by its heading, or when another one opens.

const groups = [...document.querySelectorAll(".desk-nav__group details")];

for (const group of groups) {
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !group.open) return;
    group.open = false;
    group.querySelector("summary").focus();
  });
  group.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !group.contains(relatedTarget)) group.open = false;
  });
}
document.addEventListener("click", ({ target }) => {
  for (const group of groups) if (!group.contains(target)) group.open = false;
});
