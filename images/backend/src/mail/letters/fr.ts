import type { LetterTexts } from "./en.ts";

/** What letters say, in French. */
export const fr: LetterTexts = {
  hello: "Bonjour {name},",
  helloNobody: "Bonjour,",
  placedSubject: "Votre commande {number} chez {shop}",
  placed: "Merci pour votre commande {number} du {date}. Vous avez commandé :",
  placedPay:
    "Merci de virer {total} en indiquant le numéro de commande. Nos coordonnées bancaires figurent dans les mentions légales ; nous envoyons vos plantes dès réception du paiement.",
  imprint: "Mentions légales",
  delivery: "Livraison ({name})",
  discount: "Remise",
  net: "Total HT",
  vat: "TVA",
  total: "Total TTC",
  sendTo: "Nous l'envoyons à :\n{address}",
  findOrder: "Voir votre commande",
  shippedSubject: "Votre commande {number} est en route",
  shipped: "Ces plantes de votre commande {number} sont parties aujourd'hui :",
  tracking: "Suivre le colis",
  trackingNumber: "Numéro du colis : {number}",
  canceledSubject: "Votre commande {number} est annulée",
  canceled: "Votre commande {number} de {total} est annulée. Ce que vous avez payé vous est remboursé.",
  refundedSubject: "Votre remboursement pour la commande {number}",
  refunded: "Nous avons remboursé {amount} pour votre commande {number}. Le montant arrive sous quelques jours.",
  returnSubject: "Votre retour de la commande {number}",
  returnAsked: "Vous souhaitez rendre ces plantes de votre commande {number} :",
  returnNext:
    "Emballez-les pour qu'elles supportent le voyage et envoyez-les avec le numéro de votre commande. Nous vous écrivons dès leur arrivée.",
  returnHereSubject: "Votre retour de la commande {number} est arrivé",
  returnHere: "Ces plantes de votre commande {number} sont de retour chez nous :",
  returnRefund: "Nous vous remboursons leur prix et vous écrivons quand c'est fait.",
  returnsPage: "Retours et rétractation",
  contact: "Nous écrire",
  inviteSubject: "Vous êtes invité à gérer {shop}",
  invite:
    "Une personne qui gère {shop} vous invite à le faire aussi. Choisissez un mot de passe de 12 caractères ou plus :",
  inviteLink: "Accepter l'invitation",
  inviteUntil: "Le lien est valable jusqu'au {date}. Si cela ne vous dit rien, ne faites rien.",
  resetSubject: "Un nouveau mot de passe pour {shop}",
  reset: "Un nouveau mot de passe a été demandé pour cette adresse. Si c'était vous, choisissez-en un :",
  resetLink: "Choisir un nouveau mot de passe",
  resetUntil:
    "Le lien est valable 15 minutes et une seule fois. Si ce n'était pas vous, ne faites rien : votre mot de passe reste le même.",
  welcomeSubject: "Bienvenue chez {shop}",
  welcome: "Votre compte est ouvert. Il garde vos commandes et vos adresses.",
  welcomeLink: "Votre compte",
};
