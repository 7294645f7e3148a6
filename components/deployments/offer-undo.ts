export { offerUndo, withdrawUndo } from "@/components/ui/offer-undo";
