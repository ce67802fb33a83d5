import type { Language } from "../language/language.ts";

export const TEXT_PAGES = ["terms", "privacy", "returns", "imprint", "contact"] as const;
export type TextPageName = (typeof TEXT_PAGES)[number];

/** Blank lines part paragraphs; a line that begins with `## ` is a heading. */
export interface TextPage {
  readonly title: string;
  readonly text: string;
}

type Pages = Readonly<Record<TextPageName, TextPage>>;

const en: Pages = {
  terms: {
    title: "Terms of sale",
    text: `These are sample terms. The keeper of this shop replaces them with their own.

## Order and contract
By pressing “Order with obligation to pay” you make a binding offer. The contract is concluded when your order is confirmed on the page that follows.

## Prices
All prices are in euros and include VAT at the rate of the country the plants are sent to. The cost of delivery is shown in the cart, before you order.

## Payment
You pay by bank transfer, giving the number of your order.

## Delivery
Plants are packed when it is not freezing on their way. The way and cost of delivery are shown at checkout.

## Warranty
The legal warranty applies. If a plant arrives damaged, show us a picture: see the contact page.`,
  },
  privacy: {
    title: "Privacy",
    text: `This is a sample text. The keeper of this shop replaces it with their own.

## What we keep
To send your order we keep your name, addresses, e-mail address and phone number, and what you ordered. With an account we keep your addresses until you remove them.

## Cookies
This shop sets only cookies it cannot do without: for your cart, for the form you are filling in, for your last order, and for your login. No page of it carries advertising or counts visitors, and none asks another company for anything.

## Your rights
In your account you can download everything we keep about you. We delete it when you ask: see the contact page. Invoices are kept as long as tax law demands. You may complain to your data protection authority.`,
  },
  returns: {
    title: "Returns and withdrawal",
    text: `This is a sample text. The keeper of this shop replaces it with their own.

## Fourteen days
You may withdraw from your purchase within fourteen days of receiving it, without giving a reason. Tell us in clear words, by letter or as the contact page says, with the number of your order.

## Sending back
Send the plants back within fourteen days of telling us, packed so that they survive the journey. We pay back the price and the standard delivery once they or the proof of their posting have arrived.

## Form
To [name and address of the shop]: I withdraw from my purchase of the following plants, ordered on …, received on …. Name, address, date.`,
  },
  imprint: {
    title: "Imprint",
    text: `This is a sample text. The keeper of this shop replaces it with their own.

## Who runs this shop
[Name and legal form]
[Street, postal code, town, country]

## Register and tax
[Register and number]
[VAT number]

## Bank details
[Account holder, IBAN, BIC]`,
  },
  contact: {
    title: "Contact",
    text: `This is a sample text. The keeper of this shop replaces it with their own.

## Write to us
[E-mail address]

## Call us
[Telephone number and hours]

Have the number of your order at hand.`,
  },
};

const fr: Pages = {
  terms: {
    title: "Conditions de vente",
    text: `Ceci est un exemple. L'exploitant de la boutique le remplace par son propre texte.

## Commande et contrat
En appuyant sur « Commander avec obligation de paiement », vous faites une offre ferme. Le contrat est conclu lorsque la page suivante confirme votre commande.

## Prix
Tous les prix sont en euros, TVA du pays de livraison comprise. Les frais de livraison sont indiqués dans le panier, avant la commande.

## Paiement
Vous payez par virement en indiquant le numéro de commande.

## Livraison
Les plantes partent quand il ne gèle pas sur leur route. Le mode et le prix de livraison sont indiqués lors de la commande.

## Garantie
La garantie légale s'applique. Si une plante arrive abîmée, montrez-nous une photo : voir la page de contact.`,
  },
  privacy: {
    title: "Confidentialité",
    text: `Ceci est un exemple. L'exploitant de la boutique le remplace par son propre texte.

## Ce que nous gardons
Pour envoyer votre commande, nous gardons votre nom, vos adresses, votre adresse e-mail, votre téléphone et ce que vous avez commandé. Avec un compte, nous gardons vos adresses jusqu'à ce que vous les retiriez.

## Cookies
La boutique ne pose que les cookies indispensables : pour le panier, le formulaire en cours, la dernière commande et la connexion. Aucune page ne porte de publicité ni ne compte les visiteurs, et aucune ne demande quoi que ce soit à une autre société.

## Vos droits
Dans votre compte, vous pouvez télécharger tout ce que nous gardons sur vous. Nous l'effaçons à votre demande : voir la page de contact. Les factures sont gardées aussi longtemps que la loi fiscale l'exige. Vous pouvez saisir la CNIL.`,
  },
  returns: {
    title: "Retours et rétractation",
    text: `Ceci est un exemple. L'exploitant de la boutique le remplace par son propre texte.

## Quatorze jours
Vous pouvez vous rétracter dans les quatorze jours après réception, sans donner de raison. Dites-le clairement, par lettre ou comme l'indique la page de contact, avec le numéro de commande.

## Renvoi
Renvoyez les plantes dans les quatorze jours, emballées pour supporter le voyage. Nous remboursons le prix et la livraison standard dès qu'elles, ou la preuve de leur envoi, sont arrivées.

## Formulaire
À [nom et adresse de la boutique] : je me rétracte de mon achat des plantes suivantes, commandées le …, reçues le …. Nom, adresse, date.`,
  },
  imprint: {
    title: "Mentions légales",
    text: `Ceci est un exemple. L'exploitant de la boutique le remplace par son propre texte.

## Éditeur
[Nom et forme juridique]
[Rue, code postal, ville, pays]

## Registre et TVA
[RCS et numéro]
[Numéro de TVA]

## Coordonnées bancaires
[Titulaire, IBAN, BIC]`,
  },
  contact: {
    title: "Contact",
    text: `Ceci est un exemple. L'exploitant de la boutique le remplace par son propre texte.

## Nous écrire
[Adresse e-mail]

## Nous appeler
[Téléphone et horaires]

Ayez votre numéro de commande sous la main.`,
  },
};

export const DEFAULT_PAGES: Readonly<Record<Language, Pages>> = { en, fr };
