// Adds a button that copies to each command. A page that is not from this machine has no clipboard.
for (const pre of navigator.clipboard ? document.querySelectorAll('.code pre') : []) {
  const button = document.createElement('button');
  const show = text => {
    button.textContent = text;
    button.ariaLabel = `${text}: ${pre.closest('.code').previousElementSibling.textContent}`;
  };
  show('Copy');
  button.onclick = () => navigator.clipboard.writeText(pre.textContent).then(() => show('Copied'));
  pre.after(button);
}
