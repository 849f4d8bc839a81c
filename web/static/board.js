// The slider moves the date; the board follows when it is let go.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const slider = document.getElementById("f-slide");
  if (!slider) return;
  slider.disabled = false;
  const day = document.getElementById(slider.dataset.for);
  const shown = () => {
    const at = new Date(slider.dataset.first + "T00:00:00Z");
    at.setUTCDate(at.getUTCDate() + Number(slider.value));
    day.value = at.toISOString().slice(0, 10);
    slider.setAttribute("aria-valuetext", day.value);
  };
  slider.addEventListener("input", shown);
  // Whoever moves it by the keyboard goes on moving it on the page that follows.
  slider.addEventListener("change", () => sessionStorage.setItem("slid", "1"));
  if (sessionStorage.getItem("slid")) { slider.focus({ preventScroll: true }); sessionStorage.removeItem("slid"); }
});
