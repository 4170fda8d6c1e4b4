/* Copying a sentence from the figures page: where the browser cannot, the words are selected, to be copied by hand. */
(function () {
  "use strict";
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    const words = document.getElementById(button.dataset.copy);
    function done() { button.textContent = button.dataset.copied; }
    function choose() {
      const range = document.createRange();
      range.selectNodeContents(words);
      const chosen = window.getSelection();
      chosen.removeAllRanges();
      chosen.addRange(range);
    }
    button.addEventListener("click", function () {
      if (navigator.clipboard) navigator.clipboard.writeText(words.textContent).then(done, choose);
      else { choose(); if (document.execCommand("copy")) done(); }
    });
  });
})();
