// Runs before the first paint, so that a dark page never flashes white.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("modelyard-theme") || "system";
  } catch {
    // Storage may be closed to us; the system's setting is a good answer then.
  }
  const dark =
    choice === "dark" ||
    (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
