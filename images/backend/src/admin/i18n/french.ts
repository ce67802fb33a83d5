import type { Words } from "./english.ts";

export const french: Words = {
  menu: "Premiers pas",
  moment: "Un instant …",
  failed: "Impossible de les afficher pour le moment. Rechargez la page.",
  ready: "Tout est prêt : la boutique peut ouvrir.",
  left: "Il en reste {{left}} sur {{all}}.",
  missing: "Manque encore : {{names}}",
  done: "Fait",
  open: "À faire",
  name: {
    title: "Le nom de la boutique",
    text: "Les clients le lisent sur chaque page et dans chaque e-mail. C'est le paramètre shop/title (docs/your-shop.md) ; ici, c'est le nom de la boutique.",
    link: "Ouvrir les réglages de la boutique",
  },
  address: {
    title: "Votre adresse",
    text: "D'où partent les colis et où arrivent les retours : l'adresse de votre entrepôt, avec sa ville.",
    link: "Ouvrir les emplacements",
  },
  texts: {
    title: "Conditions, confidentialité, retours, mentions légales et contact",
    text: "Ce sont des exemples tant que vous n'avez pas écrit les vôtres : une catégorie avec l'identifiant pages et, en dessous, une pour chaque texte, dont la description est la page.",
    link: "Ouvrir les catégories",
  },
  shipping: {
    title: "La livraison et son prix",
    text: "La boutique a commencé avec un prix unique de 5. Fixez le vôtre dans les options de livraison de l'emplacement, ou ajoutez un autre mode.",
    link: "Ouvrir les options de livraison",
  },
  payment: {
    title: "Comment vous êtes payé",
    text: "Sans autre prestataire, les clients font un virement, avec les coordonnées bancaires de vos mentions légales : écrivez-les, ou ajoutez un prestataire à la région.",
    link: "Ouvrir les régions",
  },
  taxes: {
    title: "Les taux de TVA",
    text: "Chaque pays où vous vendez a besoin de son taux ; dans certains, les plantes ont un taux réduit.",
    link: "Ouvrir les régions fiscales",
  },
  mail: {
    title: "Les e-mails",
    text: "Les commandes sont confirmées par e-mail si l'environnement a le paramètre mail/host (docs/runbook.md). Invitez un collègue pour en voir arriver un.",
    link: "Ouvrir les utilisateurs",
  },
  demo: {
    title: "Les plantes de démonstration",
    text: "sudo ./greenleaf demo remove les retire des rayons, et rien de ce qui est à vous.",
    link: "Ouvrir les produits",
  },
};
