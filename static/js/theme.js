// Sets the chosen theme before the first paint; runs blocking in <head>.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be refused; the system's theme then stands.
}
