import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

/** Markdown people wrote. Raw HTML is not rendered. */
export const Markdown = ({ text }: { text: string }) => (
  <div className="prose-card">
    <ReactMarkdown remarkPlugins={[remarkGfm]}>{text}</ReactMarkdown>
  </div>
);
